/** Words that all experiments share. */
import { addWords } from '../text.js';

export const en = {
  experimentDone: 'done',
  experimentStart: 'Start',
  experimentAgain: 'Start again',
  experimentWaits: 'This takes a while, so it begins when you press Start.',
  experimentLong: 'This takes a while here, so it begins when you press Start.',
  leftMinutes: 'about {count} min left',
  leftSeconds: 'about {count} s left',
  experimentStopped: 'Stopped. Results so far are kept.',
  experimentMore: 'More settings',
  mostProbable: 'most probable: {name}',
  nextProbable: 'runner-up: {name}',
  classChoice: 'Class',
  layerChoice: 'Layer',
  pixels: '{count} px',
  furtherPictures: 'Further pictures',
  furtherShared:
    'Occlusion, Invariance and Parts share them. Samples among them are kept in the address; your own never are.',
  addPictures: 'Add pictures of your own',
  addSample: 'Add {name}',
  removePicture: 'Remove {name}',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  experimentDone: '完成',
  experimentStart: '开始',
  experimentAgain: '重新开始',
  experimentWaits: '这需要一些时间，按“开始”才会计算。',
  experimentLong: '在这台设备上需要一些时间，按“开始”才会计算。',
  leftMinutes: '大约还需 {count} 分钟',
  leftSeconds: '大约还需 {count} 秒',
  experimentStopped: '已停止。已得到的结果会保留。',
  experimentMore: '更多设置',
  mostProbable: '最可能：{name}',
  nextProbable: '其次：{name}',
  classChoice: '类别',
  layerChoice: '层',
  pixels: '{count} 像素',
  furtherPictures: '更多图片',
  furtherShared: '“遮挡”“不变性”和“部件”共用这些图片。其中的示例会写进地址，你自己的图片不会。',
  addPictures: '添加你自己的图片',
  addSample: '添加“{name}”',
  removePicture: '移除“{name}”',
};

addWords({ en, zh });
