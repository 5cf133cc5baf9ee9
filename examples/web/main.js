// Put config.json and model.safetensors of a run into public/encoder/: contragrad train rows.csv --out public/encoder
import { imagesFromFiles, parseTable } from 'contragrad/data';
import { loadEncoder } from 'contragrad/io';

const $ = (id) => document.getElementById(id);

/** Shows what a promise of embeddings brings, or why it does not. */
const show = async (work) => {
  const text = (embeddings = []) => embeddings.map((row) => row.join(', ')).join('\n');
  $('embeddings').textContent = await work().then(text, (error) => error.message);
};

show(async () => {
  const encoder = await loadEncoder('./encoder/');
  const { shape, features } = encoder.config.input;
  const [channels, ...size] = shape;
  $('about').textContent = `An encoder of rows [${shape.join(', ')}]${features ? `: ${features.join(', ')}` : ''}`;
  const embedRows = async () => {
    const table = parseTable($('rows').value, { label: null }, 'rows');
    return encoder.embed(table.features, { features: table.featureNames });
  };
  const embedImages = async () => encoder.embed((await imagesFromFiles($('image').files, { size, channels })).features);
  $('embed').onclick = () => show(embedRows);
  $('image').onchange = () => show(embedImages);
  [$('embed').disabled, $('image').disabled] = [false, size.length !== 2];
});
