/** Words of what stands beside a projection. */
import { addWords } from '../../text.js';

export const en = {
  stripTitle: 'What excites this map most in the training set',
  stripUnit: 'This unit: {share} of its strongest.',
  stripPicture: 'This picture: {share} of its strongest.',
  stripSilentUnit: 'This unit is silent.',
  stripSilentPicture: 'The map is silent on this picture.',
  stripTile: 'Number {rank} of the training set, activation {value}',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  stripTitle: '训练集中最能激活这个特征图的内容',
  stripUnit: '这个单元的激活值：最强者的 {share} 倍。',
  stripPicture: '这张照片的激活值：最强者的 {share} 倍。',
  stripSilentUnit: '这个单元没有响应。',
  stripSilentPicture: '这个特征图对这张照片没有响应。',
  stripTile: '训练集中第 {rank} 强，激活值 {value}',
};

addWords({ en, zh });
