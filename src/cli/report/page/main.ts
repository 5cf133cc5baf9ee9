/** @file The report of a run: draws the data that the page carries. */
import './style.css';
import type { ReportData } from '../data.js';
import { Classes } from './classes.js';
import { historySection } from './curves.js';
import { element } from './element.js';
import { gallerySection } from './gallery.js';
import { heatmapSection } from './heatmap.js';
import { rocSection } from './roc.js';
import { scatterSection } from './scatter.js';
import { diagnosisSection, figuresSection, header, settingsSection } from './words.js';

const report = JSON.parse(document.querySelector('#data')?.textContent ?? 'null') as ReportData;
const classes = new Classes(report.classes);
document.title = `${report.title} · contragrad`;
document
  .querySelector('#report')
  ?.append(
    header(report),
    element('div', { class: 'pair' }, figuresSection(report), diagnosisSection(report)),
    element('div', { class: 'pair' }, historySection(report.history), rocSection(report.roc)),
    element('div', { class: 'pair' }, scatterSection(report.scatter, classes), heatmapSection(report.heatmap, classes)),
    gallerySection(report.gallery, classes),
    settingsSection(report),
  );
