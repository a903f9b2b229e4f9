/** Words of keeping the page on the device. */
import { addWords } from '../lens/text.js';

export const en = {
  offlineTitle: 'Without internet',
  offlineText: 'Kept on this device, the page opens and works without internet.',
  offlineChoice: 'What to keep',
  keepOpened: 'What was opened so far',
  keepAll: 'Everything',
  keepOffline: 'Keep offline ({size} MB)',
  offlineReady: 'Kept: the page works without internet.',
  offlineOld: 'A newer version of the page has files that are not kept yet.',
  offlineRemove: 'Remove what is kept',
  offlineRoom: 'Storage used: {used} MB of {quota} GB.',
  offlineRoomUntold: 'This browser does not tell how much storage is used.',
  offlineUnable: 'This browser keeps no pages here. It takes https and a window that is not private.',
  updateReady:
    'A newer version of this page is ready. After the reload, photographs of your own have to be opened again.',
  updateTaken: 'A newer version of this page was taken in another window.',
  updateTake: 'Reload',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  offlineTitle: '离线使用',
  offlineText: '保存到这台设备后，没有网络也能打开和使用本页。',
  offlineChoice: '保存的内容',
  keepOpened: '已打开过的内容',
  keepAll: '全部',
  keepOffline: '离线保存（{size} MB）',
  offlineReady: '已保存：没有网络也能使用本页。',
  offlineOld: '本页的新版本还有文件没有保存。',
  offlineRemove: '删除已保存的内容',
  offlineRoom: '已用存储空间：{used} MB，共 {quota} GB。',
  offlineRoomUntold: '这个浏览器不告知已用多少存储空间。',
  offlineUnable: '这个浏览器无法在此保存网页：需要 https 和非隐私窗口。',
  updateReady: '本页的新版本已就绪。重新载入后，你自己的照片需要再次打开。',
  updateTaken: '另一个窗口已换用本页的新版本。',
  updateTake: '重新载入',
};

addWords({ en, zh });
