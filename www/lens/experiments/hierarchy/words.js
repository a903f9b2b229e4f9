/** Words of the Poster tab. */
import { addWords } from '../../text.js';

export const en = {
  hierarchyTitle: 'From edges to objects',
  hierarchyText:
    'Each band holds the strongest maps of one layer, projected back to pixels. From your photograph upwards, receptive fields grow, and edges become textures and parts.',
  hierarchyNot:
    'It does not show all that could excite these units, only what did so in this picture. Weaker maps are left out.',
  hierarchyMaps: 'Maps of a layer',
  hierarchyAll: 'all that fit',
  hierarchyRule: 'ReLU rule',
  hierarchyHint: 'Point at a tile to see its receptive field on the photograph; click it to open that unit.',
  hierarchySvg: 'SVG',
  hierarchyPdf: 'PDF, A2',
  hierarchyBand: '{layer} – the {count} strongest of {maps} maps – receptive field {rows} × {cols} pixels',
  hierarchySays: 'It says: {name}, {share}.',
  hierarchyStrange: 'Nothing it knows fits well.',
  hierarchyTile: 'Map {map} of {layer}, unit {row}, {col}, activation {value}',
  hierarchySheet: 'The poster',
  hierarchyCaption1: 'Every tile is the projection ({rule}) of a map’s strongest unit back to pixels:',
  hierarchyCaption2: 'what in this photograph excited it, not all that could.',
  hierarchyCaption3: 'Read upwards: every layer sees more of the photograph than the one below.',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  hierarchyTitle: '从边缘到物体',
  hierarchyText: '每一条带是一层中最强的特征图，投影回像素。从你的照片往上读，感受野逐层变大，边缘逐渐变为纹理和部件。',
  hierarchyNot: '它不显示所有能让这些单元响应的内容，只显示这张图里让它们响应的内容。较弱的特征图不在其中。',
  hierarchyMaps: '每层特征图',
  hierarchyAll: '能放下的全部',
  hierarchyRule: 'ReLU 规则',
  hierarchyHint: '指向一个小图，可在照片上看到它的感受野；点击它，可打开那个单元。',
  hierarchySvg: 'SVG',
  hierarchyPdf: 'PDF，A2（英文）',
  hierarchyBand: '{layer}：{maps} 个特征图中最强的 {count} 个，感受野 {rows} × {cols} 像素',
  hierarchySays: '它认为：{name}，{share}。',
  hierarchyStrange: '它认识的东西都不太吻合。',
  hierarchyTile: '{layer} 的第 {map} 个特征图，单元 {row}, {col}，激活值 {value}',
  hierarchySheet: '海报',
  hierarchyCaption1: '每个小图都是一个特征图最强单元向像素的投影（{rule}）：',
  hierarchyCaption2: '是这张照片中让它响应的内容，而不是能让它响应的一切。',
  hierarchyCaption3: '从下往上读：每一层都比下一层看到更多画面。',
};

addWords({ en, zh });
