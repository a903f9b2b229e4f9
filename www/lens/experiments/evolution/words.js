/** Words of the Training tab. */
import { addWords } from '../../text.js';

export const en = {
  evolutionTitle: 'Map {map} of {layer}, as it was trained',
  evolutionText:
    'One map at several checkpoints of the training: the projection of its strongest unit on your picture, above that unit’s receptive field. Where the prints stop changing, the pattern has settled.',
  evolutionNot:
    'It does not show all that the map had learnt. The strongest unit is chosen anew each time, so a sudden change may only be another place in the picture.',
  evolutionStage: 'Epoch {epoch}, {at} of {of}: {bytes}',
  evolutionDone: 'All {of} checkpoints are drawn.',
  evolutionOffer: 'The network at {count} checkpoints of its training is in separate files.',
  evolutionGet: 'Get them, {size} MB',
  evolutionStopped: 'Stopped. Results so far are kept.',
  evolutionNone: 'The network {name} came without checkpoints of its training, so there is nothing to show here.',
  goOn: 'Go on',
  scrubber: 'Checkpoint of the training',
  atEpoch: 'Epoch {epoch}',
  trainingPictures: 'training images seen',
  topOne: 'validation accuracy (top-1)',
  place: 'row · column',
  silentThen: 'The map was silent on this picture then.',
  frameWaits: 'Epoch {epoch}: not drawn yet',
  frameAlt: 'Epoch {epoch}: projection of map {map} of {layer}, unit {row}, {col}, activation {value}',
  curves: 'How far each layer moved',
  'moved-weights': 'Weights',
  'moved-answers': 'Activations on this picture',
  'movedText-weights': 'Length of the change since the previous checkpoint, divided by the length of the weights.',
  'movedText-answers': 'The same for all activations of the layer on your picture.',
  curvesText:
    'A line that falls early belongs to a layer that settled early. Each point covers all epochs since the one before it. A small change does not mean that what was learnt is good.',
  curvesHeld: 'Hatched: until epoch {epoch} the recipe kept {layer} frozen, so it could not change.',
  curvesHeldFound:
    'Hatched: until epoch {epoch} the recipe kept {layer} frozen. Its filters had been found in the pictures beforehand, by k-means, and were trained only from then on: the jump is not something learnt at once.',
  curvesHeldShort: '{layer} frozen',
  curvesHeldCell: 'frozen',
  curvesBelow: 'Triangles: below the scale.',
  axisLog: 'Logarithmic',
  axisLinear: 'Linear',
  curveAlt: '{layer} from {first} to {last}',
  printText: 'above: projection, mid-grey is no contribution; below: the receptive field in the photograph',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  evolutionTitle: '{layer} 第 {map} 个特征图的训练过程',
  evolutionText:
    '同一个特征图在训练的各个检查点：上面是它最强的单元在你的照片上的投影，下面是这个单元的感受野。图像不再变化时，图案就已定型。',
  evolutionNot:
    '它并不显示这个特征图学到的全部。每个检查点都重新寻找最强的单元，突然的变化可能只是换到了照片的另一处。',
  evolutionStage: '第 {epoch} 轮，{at} / {of}：{bytes}',
  evolutionDone: '{of} 个检查点都已绘制。',
  evolutionOffer: '网络在训练中的 {count} 个检查点存放在单独的文件里。',
  evolutionGet: '下载，{size} MB',
  evolutionStopped: '已停止。已得到的结果会保留。',
  evolutionNone: '网络 {name} 没有附带训练中的检查点，这里没有可显示的内容。',
  goOn: '继续',
  scrubber: '训练的检查点',
  atEpoch: '第 {epoch} 轮',
  trainingPictures: '已用训练图片数',
  topOne: '验证集 Top-1 准确率',
  place: '行 · 列',
  silentThen: '那时这个特征图对这张照片没有响应。',
  frameWaits: '第 {epoch} 轮：尚未绘制',
  frameAlt: '第 {epoch} 轮：{layer} 第 {map} 个特征图单元 {row}, {col} 的投影，激活值 {value}',
  curves: '每一层变化了多少',
  'moved-weights': '权重',
  'moved-answers': '对这张照片的激活值',
  'movedText-weights': '与上一个检查点相比的变化长度，除以权重的长度。',
  'movedText-answers': '同样的比值，取自这一层对你这张照片的全部激活值。',
  curvesText: '曲线早早下降，说明那一层早早定型。每一点涵盖与前一点之间的全部轮次。变化小并不说明学到的内容好。',
  curvesHeld: '斜线：训练方案在第 {epoch} 轮之前冻结了 {layer}，所以它没有变化。',
  curvesHeldFound:
    '斜线：训练方案在第 {epoch} 轮之前冻结了 {layer}。它的滤波器事先用 k-means 从图片中得到，那时才开始训练：这一突变并不是一下子学到的。',
  curvesHeldShort: '{layer} 冻结',
  curvesHeldCell: '冻结',
  curvesBelow: '三角形：低于刻度范围。',
  axisLog: '对数',
  axisLinear: '线性',
  curveAlt: '{layer} 从 {first} 到 {last}',
  printText: '上：投影，中灰表示无贡献；下：照片里的感受野',
};

addWords({ en, zh });
