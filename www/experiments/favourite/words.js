/** Words of the Favourite tab. */
import { addWords } from '../../text.js';

export const en = {
  favouriteTitleUnit: 'What map {map} of {layer} would like best',
  favouriteTitleClass: 'What “{name}” would look like to the network',
  favouriteText:
    'A picture is changed step by step until the chosen unit, map or class answers to it as strongly as it can: what comes out again and again, whatever the start, is what the network looks for.',
  favouriteNot:
    'It does not show a picture that exists, and what keeps it near a picture (jitter, total variation, a pull towards grey) decides much of how it looks.',
  favouriteOf: 'Climb for',
  favouriteUnit: 'One unit',
  favouriteMap: 'The whole map',
  favouriteClass: 'The class',
  favouriteFrom: 'Begin with',
  favouriteNoise: 'Noise',
  favouritePhoto: 'The photograph',
  favouriteSteps: 'Steps',
  favouriteVariation: 'Smoothness',
  favouriteJitter: 'Jitter',
  favouriteSeed: 'Noise number',
  favouriteAlt: 'The picture after {step} steps; the answer is {value}',
  favouriteAnswer: 'answer',
  favouriteStep: 'step',
  favouriteBefore: 'answer at the start',
  favouritePatch: 'What this unit answers to in your photograph, and its projection: look for what they share with the picture that has climbed.',
  favouriteNine: 'The pictures that this map answers to most',
  favouriteSource:
    'Erhan et al. (2009), Simonyan et al. (2013); jitter: Mordvintsev et al. (2015); total variation: Mahendran & Vedaldi (2015); decay: Yosinski et al. (2015); steps: Kingma & Ba (2015).',
  favouriteTitleAny: 'What a class would look like to the network',
  favouriteWants: 'To climb for a class, the network needs its classifier, with the names of the classes. That is a file of its own, which has not been fetched yet.',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  favouriteTitleUnit: '{layer} 的第 {map} 个特征图最喜欢什么',
  favouriteTitleClass: '在网络眼中“{name}”是什么样子',
  favouriteText:
    '一步一步改变一张图，直到所选的单元、特征图或类别对它的响应尽可能强：无论从哪里开始都会反复出现的，就是网络在寻找的。',
  favouriteNot: '它不是一张真实存在的图片；让它接近图片的手段（抖动、全变差、向灰色的拉力）在很大程度上决定了它的样子。',
  favouriteOf: '目标',
  favouriteUnit: '一个单元',
  favouriteMap: '整个特征图',
  favouriteClass: '类别',
  favouriteFrom: '起点',
  favouriteNoise: '噪声',
  favouritePhoto: '照片',
  favouriteSteps: '步数',
  favouriteVariation: '平滑度',
  favouriteJitter: '抖动',
  favouriteSeed: '噪声编号',
  favouriteAlt: '{step} 步之后的图；响应为 {value}',
  favouriteAnswer: '响应',
  favouriteStep: '步',
  favouriteBefore: '开始时的响应',
  favouritePatch: '这个单元在你的照片里响应的内容，以及它的投影：请找找它们与爬升出的图的共同之处。',
  favouriteNine: '这个特征图响应最强的图片',
  favouriteSource:
    'Erhan 等（2009）、Simonyan 等（2013）；抖动：Mordvintsev 等（2015）；全变差：Mahendran 与 Vedaldi（2015）；衰减：Yosinski 等（2015）；步进：Kingma 与 Ba（2015）。',
  favouriteTitleAny: '在网络眼中一个类别是什么样子',
  favouriteWants: '要以类别为目标，网络需要它的分类器，其中有各类别的名称。它在单独的文件里，还没有获取。',
};

addWords({ en, zh });
