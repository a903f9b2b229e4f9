/** Words of the drawing of the network. */
import { addWords } from '../../text.js';

export const en = {
  drawingHint: 'A box leads to its layer; a name, to its arithmetic on your picture. Height: resolution. Width: maps.',
  'op-input': 'input',
  'op-conv': 'convolution',
  'op-relu': 'ReLU',
  'op-max_pool': 'pool',
  'op-lrn': 'norm',
  'op-gap': 'average',
  'op-dense': 'dense layer',
  drawingInput: 'Input: the square of your photograph, {size} × {size} pixels. Moves the square.',
  drawingStage: '{layer}: {op}, {size}. {does}',
  drawingMaps: '{maps} maps of {rows} × {cols}',
  drawingNumbers: '{count} numbers',
  drawingChooses: 'Chooses this layer.',
  drawingOpens: 'Opens {tab}.',
  drawingArithmetic: 'Shows its arithmetic.',
  drawingLook: 'The arithmetic of {layer}',
  drawingKernel: 'filters of {rows} × {cols}, stride {stride}',
  drawingGroups: '{count} groups',
  drawingPath:
    'Lit: the path of map {map} of {layer}, unit {row}, {col}, down to the {rows} × {cols} pixels that it can see.',
  drawingPathMap: 'Lit: the path of map {map} of {layer}, all units, down to the pixels.',
  drawingPathClass: 'Lit: the whole network, since a class score depends on all of it.',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  drawingHint: '点方框跳到该层；点名称查看它在这张照片上的运算。高：分辨率。宽：特征图数量。',
  'op-input': '输入',
  'op-conv': '卷积',
  'op-relu': 'ReLU',
  'op-max_pool': '池化',
  'op-lrn': '归一化',
  'op-gap': '平均',
  'op-dense': '全连接层',
  drawingInput: '输入：照片中的方框，{size} × {size} 像素。可移动方框。',
  drawingStage: '{layer}：{op}，{size}。{does}',
  drawingMaps: '{maps} 个 {rows} × {cols} 的特征图',
  drawingNumbers: '{count} 个数',
  drawingChooses: '选择这一层。',
  drawingOpens: '打开“{tab}”。',
  drawingArithmetic: '查看它的运算。',
  drawingLook: '{layer} 的运算',
  drawingKernel: '{rows} × {cols} 的滤波器，步长 {stride}',
  drawingGroups: '{count} 组',
  drawingPath:
    '点亮的是 {layer} 的特征图 {map} 中第 {row} 行第 {col} 列的单元往下的路径，直到它能看到的 {rows} × {cols} 像素。',
  drawingPathMap: '点亮的是 {layer} 的特征图 {map} 全部单元往下直到像素的路径。',
  drawingPathClass: '整个网络都点亮：类别得分取决于整个网络。',
};

addWords({ en, zh });
