/**
 * @file What a report shows, as plain data: `JSON.parse(JSON.stringify(report))` is the same report. Numbers that may be
 * missing or not finite are null.
 */

/** Stands in the place of a part that a run has no data for. */
export interface Absent {
  /** Why it is missing, as a sentence. */
  readonly absent: string;
}

/** A named value, both as text. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** One figure of a run, or of several runs that differ in their seed. */
export interface Figure {
  /** For example `3-NN accuracy`. */
  readonly name: string;
  /** One value for each seed; where there are several, the page shows mean and standard deviation. */
  readonly values: readonly (number | null)[];
  /** The same figure of the raw features. */
  readonly raw?: number | null;
  /** How it is written: `0.9750` or `2.50 %`. Default `'fraction'`. */
  readonly format?: 'fraction' | 'percent';
  /** What it was measured on, for example `on 797 test rows`. */
  readonly note?: string;
}

/** What was recorded at one moment of the training. */
export interface HistoryEntry {
  /** How many epochs were over. */
  readonly epoch: number;
  /** The loss on training rows. */
  readonly loss: number | null;
  /** The loss on validation rows. */
  readonly validationLoss?: number | null;
  /** A figure on validation rows, for example an accuracy; {@link History.figure} names it. */
  readonly validationFigure?: number | null;
}

/** The course of a training. */
export interface History {
  /** In order of time. */
  readonly entries: readonly HistoryEntry[];
  /** What `validationFigure` is, for example `3-NN accuracy`. */
  readonly figure?: string;
  /** The epoch after which the weights were kept, where that was chosen on validation rows. */
  readonly kept?: number;
}

/** What is wrong with the embeddings, in words: the part of a `Diagnosis` that a page shows. */
export interface DiagnosisText {
  readonly verdict: string;
  readonly findings: readonly { readonly message: string; readonly advice: string }[];
}

/** Pictures of one size, one after another. */
export interface Pictures {
  readonly height: number;
  readonly width: number;
  /** 1 for shades of grey, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  /** Base64 of one byte a value, `[picture, row, column, channel]`. */
  readonly bytes: string;
}

/** A row of the data, as the page tells of it. */
export interface Sample {
  /** Its name, or `row 17`. */
  readonly name: string;
  /** The index of its class in {@link ReportData.classes}; -1 where it has none. */
  readonly label: number;
  /** Its features in short; left out where there are pictures. */
  readonly text?: string;
}

/** A sample in the plane. */
export interface ScatterPoint extends Sample {
  readonly x: number;
  /** Null for embeddings of one number. */
  readonly y: number | null;
  /** The classes of its nearest neighbours, the nearest first. */
  readonly neighbours: readonly number[];
}

/** The embeddings in the plane. */
export interface Scatter {
  /** The titles of the axes. */
  readonly x: string;
  readonly y: string;
  readonly points: readonly ScatterPoint[];
  /** One picture a point. */
  readonly pictures?: Pictures;
  /** How points were chosen and projected, as sentences. */
  readonly note: string;
}

/** How near every sample is to every other. */
export interface Heatmap {
  /** What a cell holds. */
  readonly measure: 'cosine similarity' | 'distance';
  /** Sorted by class. */
  readonly samples: readonly Sample[];
  /** Base64 of one byte a cell, `[row, column]`: 0 for `least`, 255 for `most`. */
  readonly bytes: string;
  readonly least: number;
  readonly most: number;
  /** How rows were chosen, as sentences. */
  readonly note: string;
}

/** A ROC curve. */
export interface RocView {
  /** The share of pairs of different classes that are accepted, rising. */
  readonly falseAccepts: readonly number[];
  /** The share of pairs of one class that are accepted, at the same thresholds. */
  readonly trueAccepts: readonly number[];
  /** The area under it. */
  readonly area: number;
  /** Where false accepts and false rejects are equally frequent, between 0 and 1. */
  readonly equalError: number;
}

/** How well distances tell pairs of one class from pairs of different classes. */
export interface Roc {
  readonly encoder: RocView;
  readonly raw?: RocView;
  /** On which pairs, as sentences. */
  readonly note: string;
}

/** A sample and those nearest to it. */
export interface GalleryRow {
  /** The index of the query in {@link Gallery.samples}. */
  readonly query: number;
  /** The indices of the nearest, the nearest first. */
  readonly nearest: readonly number[];
  /** How far each of them is. */
  readonly distances: readonly number[];
  /** Whether it was chosen because its nearest is of another class. */
  readonly isMistake: boolean;
}

/** Samples and those nearest to them. */
export interface Gallery {
  readonly samples: readonly Sample[];
  readonly rows: readonly GalleryRow[];
  /** One picture a sample. */
  readonly pictures?: Pictures;
  /** How queries were chosen, and among what their neighbours were looked for, as sentences. */
  readonly note: string;
}

/** All that a report shows. */
export interface ReportData {
  readonly format: 'contragrad-report';
  readonly version: 1;
  readonly title: string;
  /** The command line that makes this run again. */
  readonly command: string;
  /** What the run was about, for the top of the page: data, encoder, loss. */
  readonly facts: readonly Fact[];
  readonly figures: readonly Figure[];
  readonly settings: readonly Fact[];
  /** The names of the classes, sorted; empty where rows have none. Labels of samples are places in this list. */
  readonly classes: readonly string[];
  readonly diagnosis: DiagnosisText | Absent;
  readonly history: (History & { readonly note: string }) | Absent;
  readonly scatter: Scatter | Absent;
  readonly heatmap: Heatmap | Absent;
  readonly roc: Roc | Absent;
  readonly gallery: Gallery | Absent;
}

/** Rows with their embeddings. */
export interface ReportRows {
  readonly count: number;
  /** `[count, D]`, row-major. */
  readonly embeddings: ArrayLike<number>;
  /** `[count, F]`, row-major, as they came: not standardised. */
  readonly features: ArrayLike<number>;
  /** The class of each row; left out where rows have none. */
  readonly labels?: Int32Array;
  /** A name for each row, for example its file. Default `row 1`, `row 2`, … */
  readonly sampleNames?: readonly string[];
}

/** What a report is made from. */
export interface ReportInput {
  readonly title: string;
  /** The command line that makes this run again. */
  readonly command: string;
  /** What the run was about, for the top of the page: data, encoder, loss. */
  readonly facts: readonly Fact[];
  readonly figures: readonly Figure[];
  readonly settings: readonly Fact[];
  /** The names of the classes. Default none. */
  readonly classes?: readonly string[];
  /** What `diagnose` says of a batch; left out where it was not asked. */
  readonly diagnosis?: DiagnosisText;
  /** The course of the training; numbers may be NaN or infinite here. */
  readonly history: History;
  /** By what nearness is measured. */
  readonly metric: 'euclidean' | 'cosine';
  /** The rows to show and to measure on: never trained on. */
  readonly tested: ReportRows;
  /** The rows among which tested ones look for their neighbours. Default: the other tested ones. */
  readonly gallery?: ReportRows;
  /** The shape of a row's features: `[1, 8, 8]` and `[3, 64, 64]` are pictures, and so is `[8, 32]`. Default no picture. */
  readonly shape?: readonly number[];
  /** A name for each feature. */
  readonly featureNames?: readonly string[];
  /** Draws the pairs of the ROC curve, 8,000 of them, as the run's figures do. Default 0. */
  readonly seed?: number;
}
