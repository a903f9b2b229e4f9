/**
 * ImageNet networks of the ONNX Model Zoo, as they lie on Hugging Face. A press on one of them asks that host for it, and nothing
 * before does.
 */

const ZOO = 'https://huggingface.co/onnxmodelzoo';

/** @param {string} name @param {string} title @param {number} bytes @param {{ en: string, zh: string }} about */
const zoo = (name, title, bytes, about) => ({
  name,
  manifest: `${ZOO}/${name}/resolve/main/${name}.onnx`,
  bytes,
  title: { en: title },
  about,
});

/** The smallest first. Sizes are those that the host states, of the larger ones in round numbers. @type {import('./networks.js').Offered[]} */
export const ELSEWHERE = [
  zoo('squeezenet1.1-7', 'SqueezeNet 1.1', 4_956_208, {
    en: 'A thousand classes of ImageNet, in small filters that fork and join.',
    zh: 'ImageNet 的一千个类别，由分叉再汇合的小滤波器组成。',
  }),
  zoo('googlenet-3', 'GoogLeNet', 28_000_000, {
    en: 'A thousand classes of ImageNet: filters of three sizes side by side in each block.',
    zh: 'ImageNet 的一千个类别：每个模块里三种大小的滤波器并列。',
  }),
  zoo('resnet18-v1-7', 'ResNet-18', 46_800_000, {
    en: 'A thousand classes of ImageNet, with shortcuts around every two layers; its projections are known to look weak.',
    zh: 'ImageNet 的一千个类别，每两层有一条捷径；已知它的投影看起来较弱。',
  }),
];
