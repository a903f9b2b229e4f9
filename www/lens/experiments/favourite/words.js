/** Words of the Favourite tab. */
import { addWords } from '../../text.js';

export const en = {
  favouriteTitleUnit: 'A picture made to excite map {map} of {layer}',
  favouriteTitleClass: 'What “{name}” looks like to the network',
  favouriteText:
    'A picture is changed step by step until the unit, map or class is as active as it can be. What comes out again and again, whatever the start, is what the network looks for.',
  favouriteNot:
    'It is not a real picture. Its regularisation (jitter, total variation, decay) decides much of how it looks.',
  favouriteOf: 'Maximise',
  favouriteUnit: 'One unit',
  favouriteMap: 'The whole map',
  favouriteClass: 'The class',
  favouriteFrom: 'Start from',
  favouriteNoise: 'Noise',
  favouritePhoto: 'The photograph',
  favouriteSteps: 'Steps',
  favouriteVariation: 'Smoothness',
  favouriteJitter: 'Jitter',
  favouriteSeed: 'Random seed',
  favouriteAlt: 'The picture after {step} steps; the activation is {value}',
  favouriteAnswer: 'activation',
  favouriteStep: 'step',
  favouriteBefore: 'activation at the start',
  favouritePatch:
    'What this unit responded to in your photograph, and its projection: look for what they share with the picture above.',
  favouriteNine: 'The pictures that excite this map most',
  favouriteSource:
    'Erhan et al. (2009), Simonyan et al. (2013); jitter: Mordvintsev et al. (2015); total variation: Mahendran & Vedaldi (2015); decay: Yosinski et al. (2015); Adam: Kingma & Ba (2015).',
  favouriteTitleAny: 'What a class looks like to the network',
  favouriteWants:
    'Maximising a class needs the classifier, with the class names. It is a separate file, not fetched yet.',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  favouriteTitleUnit: '为激活 {layer} 的第 {map} 个特征图而生成的图片',
  favouriteTitleClass: '在网络眼中“{name}”是什么样子',
  favouriteText:
    '一步一步改变一张图，使所选的单元、特征图或类别的激活尽可能大。无论从哪里开始都会反复出现的内容，就是网络在寻找的。',
  favouriteNot: '它不是真实的图片。正则化（抖动、全变差、衰减）在很大程度上决定了它的样子。',
  favouriteOf: '最大化',
  favouriteUnit: '一个单元',
  favouriteMap: '整个特征图',
  favouriteClass: '类别',
  favouriteFrom: '起点',
  favouriteNoise: '噪声',
  favouritePhoto: '照片',
  favouriteSteps: '步数',
  favouriteVariation: '平滑度',
  favouriteJitter: '抖动',
  favouriteSeed: '随机种子',
  favouriteAlt: '{step} 步之后的图；激活值为 {value}',
  favouriteAnswer: '激活值',
  favouriteStep: '步',
  favouriteBefore: '开始时的激活值',
  favouritePatch: '这个单元在你的照片里响应的内容，以及它的投影：请找找它们与上面的图有什么共同之处。',
  favouriteNine: '最能激活这个特征图的图片',
  favouriteSource:
    'Erhan 等（2009）、Simonyan 等（2013）；抖动：Mordvintsev 等（2015）；全变差：Mahendran 与 Vedaldi（2015）；衰减：Yosinski 等（2015）；优化器 Adam：Kingma 与 Ba（2015）。',
  favouriteTitleAny: '在网络眼中一个类别是什么样子',
  favouriteWants: '最大化一个类别需要分类器，其中有类别名称。它是单独的文件，还没有下载。',
};

addWords({ en, zh });
