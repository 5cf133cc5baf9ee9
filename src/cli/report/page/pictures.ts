/** @file Pictures of samples. */
import type { Pictures } from '../data.js';
import { element } from './element.js';
import { bytesIn } from './numbers.js';

/** Draws one of many pictures, at most so many pixels of the page high and wide. */
export function pictureMaker(pictures: Pictures): (index: number, side: number, label: string) => HTMLCanvasElement {
  const { width, height, channels } = pictures;
  const bytes = bytesIn(pictures.bytes);
  const size = width * height;
  return (index, side, label) => {
    const canvas = element('canvas', { role: 'img', 'aria-label': label });
    canvas.width = width;
    canvas.height = height;
    const image = new ImageData(width, height);
    for (let pixel = 0; pixel < size; pixel++) {
      const at = (index * size + pixel) * channels;
      for (let color = 0; color < 3; color++) image.data[4 * pixel + color] = bytes[at + (channels === 3 ? color : 0)]!;
      image.data[4 * pixel + 3] = 255;
    }
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    const scale = side / Math.max(width, height);
    canvas.style.width = `${width * scale}px`;
    canvas.style.aspectRatio = `${width} / ${height}`;
    return canvas;
  };
}
