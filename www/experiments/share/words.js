/** Words of what is made to be kept: the card, and the sheet for paper. */
import { addWords } from '../../text.js';

export const en = {
  cardTitle: 'What a network sees in this photograph',
  cardTitleClass: 'The network says “{name}”, {share}',
  cardText: 'One unit in each layer, projected back to pixels; below it, the patch that excited it.',
  cardPhoto: 'the photograph',
  cardMethod: 'deconvnet after Zeiler & Fergus, 2013',
  paperMaps: '{layer}: {count} feature maps of “{photo}”',
  paperProjections: '{layer}: the strongest unit of each of {count} feature maps of “{photo}”, projected back',
  paperLegend: 'Under each tile: number of the map, and its largest activation. Order: {sort}.',
  paperMapsScale: 'Dark is 0. Scale: {scale}.',
  paperProjectionsScale: 'Mid-grey: no contribution. Rule: {rule}. Scale: {scale}. Contrast: {stretch}.',
  paperSilent: 'An empty tile with a stroke: no activation anywhere.',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  cardTitle: '网络在这张照片里看到了什么',
  cardTitleClass: '网络认为这是“{name}”，{share}',
  cardText: '每层取一个单元，投影回像素；下方是激活它的图块。',
  cardPhoto: '照片',
  cardMethod: '反卷积网络（Zeiler 与 Fergus，2013）',
  paperMaps: '{layer}：“{photo}”的 {count} 个特征图',
  paperProjections: '{layer}：“{photo}”的 {count} 个特征图，各取最强单元投影回像素',
  paperLegend: '每格下方：特征图编号与最大激活值。顺序：{sort}。',
  paperMapsScale: '深色为 0。标尺：{scale}。',
  paperProjectionsScale: '中灰表示无贡献。规则：{rule}。标尺：{scale}。对比度：{stretch}。',
  paperSilent: '带短线的空白格：没有任何激活。',
};

addWords({ en, zh });
