/** Words of the Filters tab. */
import { addWords } from '../../text.js';

export const en = {
  filtersTitle: 'First-layer filters: {names}',
  filtersAnd: '{one} and {other}',
  filtersText:
    'Each tile is one filter of the first layer, the small pattern that it looks for. The numbers say how many are dead, how fine they are, and how much aliasing their stride causes.',
  filtersNot:
    'It does not show what later layers make of them. Two networks side by side compare two trainings as well as two designs.',
  filtersScale: 'Scale',
  filtersShared: 'Shared',
  filtersOwn: 'Each normalised',
  filtersMaps: 'Maps of a layer',
  filtersRule: 'ReLU rule',
  filtersWeak: 'Weak below',
  filtersCompare: 'Compare with {name}, {size} MB',
  filtersPutAway: 'Hide {name}',
  filtersComing: 'Loading {name}: {bytes}',
  filtersShape: '{count} filters of {rows} × {cols} pixels, stride {stride}',
  filtersBank: 'Filters of {layer} of {name}. Arrow keys move.',
  filtersOne: 'Filter {filter}: {frequency} cycles per pixel, {strength} of the median strength{state}',
  filtersIsWeak: ', weak',
  filtersIsSilent: ', silent on this picture',
  filtersIsUnanswered: ', activated by no training picture',
  filtersHint: 'Point at a filter for its numbers. Framed: dead.',
  filtersDead: 'dead filters',
  filtersDeadText:
    '{weak} have weights next to nothing (below {limit} of the median); {never} are activated by none of the {pictures} training pictures.',
  filtersDeadWeights: '{weak} have weights next to nothing (below {limit} of the median).',
  filtersSilent: 'silent on this picture',
  filtersSilentText: 'Nothing in this picture activates them; another one may, so this alone makes none of them dead.',
  filtersFrequency: 'cycles per pixel',
  filtersFrequencyText:
    'How fine the patterns are, on average; their spread is {spread}. Of their energy, {low} lies in waves of more than 8 pixels, {between} between, {high} in waves of 4 pixels and less. Noise would have 0.38.',
  filtersHistogram: 'Filters by frequency, from 0 to 0.5 cycles per pixel: {counts}',
  filtersSlow: 'broad',
  filtersFast: 'fine',
  filtersAliasing: 'aliasing on this picture',
  filtersAliasingWeights: 'aliasing on noise',
  filtersAliasingText:
    'This share of their activations on this picture varies faster than a stride of {stride} pixels can hold, and appears as a pattern that is not there. On noise it would be {noise}.',
  filtersAliasingNoise:
    'This share of their activations on noise varies faster than a stride of {stride} pixels can hold.',
  filtersLayer: '{layer}: what its {count} strongest maps responded to',
  filtersPaper:
    'Zeiler and Fergus saw in AlexNet’s filters (11 × 11 pixels, stride 4) very high and very low frequencies with little between, and aliasing in the second layer. They made the filters 7 × 7 and the stride 2.',
  filtersTile: 'Map {map} of {layer}, activation {value}',
  filtersPrinted:
    'above: the filters, mid-grey is zero; below: what the strongest maps of the first two layers responded to, each normalised',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  filtersTitle: '第一层滤波器：{names}',
  filtersAnd: '{one} 与 {other}',
  filtersText:
    '每个小图是第一层的一个滤波器，即它所寻找的小图案。下面的数字说明多少已失效、图案有多细，以及步长造成多少混叠。',
  filtersNot: '它不显示后面的层如何使用这些滤波器。并排的两个网络，比较的既是两种设计，也是两次训练。',
  filtersScale: '标尺',
  filtersShared: '共用',
  filtersOwn: '各自归一化',
  filtersMaps: '每层特征图',
  filtersRule: 'ReLU 规则',
  filtersWeak: '弱于',
  filtersCompare: '与 {name} 比较，{size} MB',
  filtersPutAway: '隐藏 {name}',
  filtersComing: '正在获取 {name}：{bytes}',
  filtersShape: '{count} 个 {rows} × {cols} 像素的滤波器，步长 {stride}',
  filtersBank: '{name} 的 {layer} 滤波器。用方向键移动。',
  filtersOne: '滤波器 {filter}：每像素 {frequency} 周期，强度为中位数的 {strength}{state}',
  filtersIsWeak: '，很弱',
  filtersIsSilent: '，在这张图上没有响应',
  filtersIsUnanswered: '，没有任何训练图片激活它',
  filtersHint: '指向一个滤波器可查看它的数字。带框的已失效。',
  filtersDead: '失效的滤波器',
  filtersDeadText:
    '{weak} 的权重几乎为零（低于中位数的 {limit}）；{never} 没有被 {pictures} 张训练图片中的任何一张激活。',
  filtersDeadWeights: '{weak} 的权重几乎为零（低于中位数的 {limit}）。',
  filtersSilent: '在这张图上没有响应',
  filtersSilentText: '这张图没有激活它们；换一张图也许会，所以仅凭这一点不能算失效。',
  filtersFrequency: '每像素周期数',
  filtersFrequencyText:
    '图案平均有多细；离散程度为 {spread}。能量中，{low} 在长于 8 像素的波里，{between} 居中，{high} 在 4 像素及更短的波里。噪声为 0.38。',
  filtersHistogram: '按频率（每像素 0 到 0.5 周期）统计的滤波器数：{counts}',
  filtersSlow: '粗',
  filtersFast: '细',
  filtersAliasing: '在这张图上的混叠',
  filtersAliasingWeights: '在噪声上的混叠',
  filtersAliasingText:
    '对这张图的激活中，有这一比例变化过快，{stride} 像素的步长无法表示，会变成并不存在的图案。在噪声上为 {noise}。',
  filtersAliasingNoise: '对噪声的激活中，有这一比例变化过快，{stride} 像素的步长无法表示。',
  filtersLayer: '{layer}：最强的 {count} 个特征图所响应的内容',
  filtersPaper:
    'Zeiler 与 Fergus 在 AlexNet 步长为 4 的 11 × 11 滤波器中看到极高与极低的频率，中间很少，第二层出现混叠。他们把滤波器改为 7 × 7，步长改为 2。',
  filtersTile: '{layer} 的第 {map} 个特征图，激活值 {value}',
  filtersPrinted: '上：滤波器，中灰表示零；下：前两层最强的特征图所响应的内容，各自归一化',
};

addWords({ en, zh });
