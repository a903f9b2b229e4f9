/** Words of a unit's own page. */
import { addWords } from '../../text.js';

export const en = {
  unitPageTitle: '{layer}, map {map}',
  unitPageText:
    'What feature map {map} of {layer} looks for, without a photograph. All its units share one filter; each sees {rows} × {cols} px.',
  unitPageNot: 'It does not show everything that the map can respond to.',
  unitPageNine: 'Its top nine: what activates it most',
  unitPageNineNone: 'There are no pictures on file for this map.',
  unitPageFavourite: 'Its favourite: a picture made to activate it',
  unitPageCompute: 'Compute the favourite',
  unitPageWhy: 'Starts from noise and takes 120 steps, some seconds to a minute.',
  unitPageStep: 'Step {step} of {steps}, activation {value}',
  unitPageAlt: 'The favourite of map {map} of {layer} after {step} steps',
  unitPageStop: 'Stop',
  unitPageCopy: 'Copy link',
  unitPagePhoto: 'See it on a photograph',
  unitPageWaits: 'Fetching the network…',
  unitPageUnknown: 'This network has no map {map} in a layer called {layer}.',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  unitPageTitle: '{layer}，特征图 {map}',
  unitPageText:
    '不借助照片，看 {layer} 的特征图 {map} 在寻找什么。它的所有单元共用一个滤波器，每个单元的感受野为 {rows} × {cols} 像素。',
  unitPageNot: '这里并未列出它能响应的一切。',
  unitPageNine: '最强九图：最能激活它的图块',
  unitPageNineNone: '没有这个特征图的图片。',
  unitPageFavourite: '最大激活：为激活它而生成的图',
  unitPageCompute: '计算最大激活图',
  unitPageWhy: '从噪声开始，共 120 步，需要几秒到一分钟。',
  unitPageStep: '第 {step} / {steps} 步，激活值 {value}',
  unitPageAlt: '{layer} 的特征图 {map} 经过 {step} 步得到的最大激活图',
  unitPageStop: '停止',
  unitPageCopy: '复制链接',
  unitPagePhoto: '在照片上查看',
  unitPageWaits: '正在获取网络…',
  unitPageUnknown: '这个网络没有名为 {layer} 的层，或该层没有特征图 {map}。',
};

addWords({ en, zh });
