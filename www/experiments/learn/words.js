/** Words of the Learn tab. */
import { addWords } from '../../text.js';

export const en = {
  learnTitle: 'How a projection works',
  learnText:
    'A projection runs three operations backwards, and here each is small enough to see every number: change a cell, and what is lit shows what it goes into and what comes back.',
  learnNot:
    'It does not show a network: there, the same three steps run over hundreds of maps at once, layer after layer.',
  learnEdit: 'Frames mark what you can change: type, or use the up and down arrow keys.',
  learnComputed: 'Every result comes from the engine that runs the networks.',
  learnCell: '{name}, row {row}, column {col}',
  learnCellIs: '{name}, row {row}, column {col}: {value}',
  learnPicture: 'Picture',
  learnKernel: 'Kernel',

  learnConvTitle: 'Filtering: a matrix, and its transpose',
  learnConvText:
    'The kernel moves over the picture. At each position the numbers that lie on each other are multiplied and added up: one number of the answer.',
  learnX: 'the picture',
  learnK: 'the kernel',
  learnY: 'the answer',
  learnPositions: 'Positions of the kernel',
  learnBefore: 'Position before',
  learnNext: 'Next position',
  learnMatrixTitle: 'The same as a matrix',
  learnMatrixText:
    'Written in one line, the picture has sixteen numbers. Each position of the kernel becomes a row of C: the kernel’s nine numbers where it lies, zeros elsewhere. Multiplying the row with the picture is what the kernel did.',
  learnC: 'a row for each position, a column for each number of the picture',
  learnBackTitle: 'The way back',
  learnBackText:
    'The transpose reads the same table the other way round. Each number of the answer puts the kernel back where it had lain, as strong as it is; where kernels overlap, they add. This is the deconvnet’s filtering. It does not undo the first step: what comes back is not the picture, but what in it spoke for the answer.',
  learnSend: 'Send back',
  learnSendAll: 'the whole answer',
  learnSendOne: 'the lit number alone',
  learnT: 'the rows of C as columns',
  learnBack: 'what comes back',
  learnSpread: 'from {name} alone',
  learnStops: 'an edge',
  learnBar: 'a bar',
  learnDot: 'one dot',
  learnRamp: 'a slope',
  learnUpright: 'edge ↔',
  learnLevel: 'edge ↕',
  learnBlur: 'blur',
  learnSharpen: 'sharpen',

  learnPoolTitle: 'Pooling: switches remember the place',
  learnPoolText:
    'Each window keeps its largest number, and its switch, the arrow, where that was. Of equal numbers the first in reading order counts. On the way back a signal comes from the layers above. It is put where the switches point, and all other places stay zero; if two windows chose the same place, their signals add.',
  learnWindow: 'Windows',
  learnTwo: '2 × 2, side by side',
  learnThree: '3 × 3 every 2, as in ZFNet',
  learnPoolX: 'the map',
  learnPooled: 'maxima and switches',
  learnSignal: 'the signal from above',
  learnUnpooled: 'unpooled',
  learnAsPooled: 'Send the maxima back',
  learnSwitch: 'The window of {name} keeps {value}, found in row {row}, column {col}.',
  learnTie: 'The window of {name} keeps {value}, found {count} times; the first place counts: row {row}, column {col}.',
  learnYours: 'your picture',
  learnYoursText:
    'Activations of your picture: map {map} of {layer} around its strongest unit, scaled so that {value}, the largest, is 9.',
  learnSwitches: 'Switches',
  learnSwitchesOn: 'used',
  learnSwitchesOff: 'lost',
  learnSwitchesLost: 'unpooled without switches',
  learnAstray:
    'Without its switch, {value} of {name} lands in the first place of its window, row {toRow}, column {toCol}; it was found in row {row}, column {col}.',
  learnPeaks: 'peaks',
  learnTies: 'ties',
  learnShared: 'one peak for all',

  learnReluTitle: 'Rectifying: three rules for the way back',
  learnReluText:
    'On the way up a rectifier keeps what is positive. On the way back the methods differ in one thing only: whether they ask for the sign of the signal, of the number on the way up, or of both.',
  learnUp: 'on the way up',
  learnRectified: 'rectified',
  learnDown: 'signal on the way back',
  learnGradient: 'Gradient',
  learnDeconvnet: 'Deconvnet',
  learnGuided: 'Guided',
  learnReluNot:
    'Only the first is a derivative. The deconvnet passes a signal even through a unit that was silent, and that is one reason why its projections partly just recover the picture.',
  learnBracket: '[x > 0] is 1 where x is positive, and 0 elsewhere. What is hatched was stopped.',
  learnColumn: 'unit {at}',

  learnEndTitle: 'All together',
  learnEndText:
    'Unpool, rectify, filter: once for each layer, from one unit down to the pixels. That is every projection on this page.',
  learnTry: 'See it on a photograph',
  learnSaved: 'Warm is positive, cold is negative; rings are switches.',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  learnTitle: '投影是怎样算出来的',
  learnText:
    '投影就是把三种运算倒过来做，这里每种都小到能看清每个数字：改动一格，亮起的格子会告诉你它去了哪里、又带回了什么。',
  learnNot: '这里并不是一个完整的网络：在网络里，同样的三步会一层接一层地作用在几百张特征图上。',
  learnEdit: '带框的格子可以修改：直接输入，或用上下方向键。',
  learnComputed: '所有结果都由运行网络的同一个引擎算出。',
  learnCell: '{name}，第 {row} 行第 {col} 列',
  learnCellIs: '{name}，第 {row} 行第 {col} 列：{value}',
  learnPicture: '图',
  learnKernel: '卷积核',

  learnConvTitle: '滤波：一个矩阵和它的转置',
  learnConvText: '卷积核在图上移动。在每个位置，重叠的数字相乘再相加，得到答案中的一个数。',
  learnX: '图',
  learnK: '卷积核',
  learnY: '答案',
  learnPositions: '卷积核的位置',
  learnBefore: '上一个位置',
  learnNext: '下一个位置',
  learnMatrixTitle: '写成矩阵也一样',
  learnMatrixText:
    '把图写成一行，就是十六个数。卷积核的每个位置成为 C 的一行：它所在之处是核的九个数，别处是零。用这一行乘以图，就是卷积核所做的事。',
  learnC: '每个位置一行，图中每个数一列',
  learnBackTitle: '回来的路',
  learnBackText:
    '转置就是把同一张表换个方向来读。答案中的每个数把卷积核放回它原来的位置，强度就是这个数；重叠之处相加。这就是反卷积网络的滤波。它并不能撤销第一步：回来的不是原图，而是图中支持这个答案的部分。',
  learnSend: '送回',
  learnSendAll: '整个答案',
  learnSendOne: '只送亮起的数',
  learnT: 'C 的行变成列',
  learnBack: '回来的结果',
  learnSpread: '仅来自 {name}',
  learnStops: '边缘',
  learnBar: '竖条',
  learnDot: '一个点',
  learnRamp: '斜坡',
  learnUpright: '边缘 ↔',
  learnLevel: '边缘 ↕',
  learnBlur: '模糊',
  learnSharpen: '锐化',

  learnPoolTitle: '池化：开关记住位置',
  learnPoolText:
    '每个窗口保留最大的数，开关（箭头）记住它在哪里。有相等的数时，按阅读顺序取第一个。回来时，信号来自上面的层：它被放到开关所指之处，其余位置都是零；如果两个窗口选了同一个位置，信号就相加。',
  learnWindow: '窗口',
  learnTwo: '2 × 2，相邻排列',
  learnThree: '3 × 3，步长 2，与 ZFNet 相同',
  learnPoolX: '特征图',
  learnPooled: '最大值和开关',
  learnSignal: '来自上层的信号',
  learnUnpooled: '反池化的结果',
  learnAsPooled: '把最大值送回去',
  learnSwitch: '{name} 的窗口保留 {value}，在第 {row} 行第 {col} 列。',
  learnTie: '{name} 的窗口保留 {value}，共出现 {count} 次，取第一个：第 {row} 行第 {col} 列。',
  learnYours: '你的照片',
  learnYoursText: '取自你的照片：{layer} 特征图 {map} 中最强单元周围的激活值，按比例缩放，最大值 {value} 记作 9。',
  learnSwitches: '开关',
  learnSwitchesOn: '使用',
  learnSwitchesOff: '丢失',
  learnSwitchesLost: '没有开关的反池化',
  learnAstray:
    '没有开关，{name} 的 {value} 只能落到窗口的第一个位置：第 {toRow} 行第 {toCol} 列；它原本在第 {row} 行第 {col} 列。',
  learnPeaks: '几个峰',
  learnTies: '相等的数',
  learnShared: '共用一个峰',

  learnReluTitle: '整流：回来的三种规则',
  learnReluText:
    '向上时，整流只保留正数。回来时，各种方法只有一点不同：看信号的符号，看向上时那个数的符号，还是两个都看。',
  learnUp: '向上的数',
  learnRectified: '整流之后',
  learnDown: '回来的信号',
  learnGradient: '梯度',
  learnDeconvnet: '反卷积网络',
  learnGuided: '引导',
  learnReluNot:
    '只有第一种是真正的导数。反卷积网络连没有响应的单元也让信号通过，这是它的投影在一定程度上只是复原了图片的原因之一。',
  learnBracket: '[x > 0]：x 为正时是 1，否则是 0。画斜线的格子是被拦下的信号。',
  learnColumn: '单元 {at}',

  learnEndTitle: '合在一起',
  learnEndText: '反池化、整流、滤波：每层一遍，从一个单元一直回到像素。这个页面上的每个投影都是这样得到的。',
  learnTry: '在照片上看看',
  learnSaved: '暖色为正，冷色为负；圆圈是开关。',
};

addWords({ en, zh });
