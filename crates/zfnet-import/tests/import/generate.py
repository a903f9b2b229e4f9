"""Writes what the tests of this folder compare with: ONNX files of a few kilobytes, and what onnxruntime computes with them.

    pip install onnx onnxruntime numpy
    python generate.py

`light/*.onnx` are the files `onnx/backend/test/data/light/light_*.onnx` of the Python package onnx 1.23 (Apache-2.0,
https://github.com/onnx/onnx): the graphs of the ONNX Model Zoo, with `ConstantOfShape` in place of most weights. Here these
weights are numbers that follow from their names (see `numbers`; the tests do the same), and `light/*.f32` the scores before
the softmax. `made/*.onnx` are graphs as exporters write them, with weights of their own.
"""

import glob
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1


def numbers(name, dims):
    """Numbers from a name: FNV-1a of it, then SplitMix64; large enough that signals neither fade nor explode."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & MASK
    count = int(np.prod(dims, dtype=np.int64))
    with np.errstate(over="ignore"):
        state = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state = state ^ (state >> np.uint64(31))
    unit = ((state >> np.uint64(40)).astype(np.float32)) / np.float32(1 << 24)
    if len(dims) < 2:
        return (np.float32(0.5) + np.float32(0.5) * unit).reshape(dims)
    seen = np.float32(np.prod(dims[1:], dtype=np.int64))
    spread = np.sqrt(np.float32(6) / seen)
    return ((unit * np.float32(2) - np.float32(1)) * spread).reshape(dims)


def picture(dims):
    return (np.arange(np.prod(dims)) / np.prod(dims)).astype(np.float32).reshape(dims)


def run(model, entering):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, entering)[0]


def light():
    for path in sorted(glob.glob(os.path.join(HERE, "light", "*.onnx"))):
        model = onnx.load(path)
        graph = model.graph
        shapes = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        nodes = []
        for node in graph.node:
            if node.op_type == "ConstantOfShape":
                dims = shapes[node.input[0]].tolist()
                tensor = numpy_helper.from_array(numbers(node.output[0], dims), node.output[0])
                graph.initializer.append(tensor)
            elif node.op_type == "Softmax":
                graph.output[0].name = node.input[0]
                graph.output[0].type.tensor_type.ClearField("shape")
            else:
                nodes.append(node)
        del graph.node[:]
        graph.node.extend(nodes)
        if len(model.SerializeToString()) > 1 << 31:
            raise ValueError(path)
        entering = [i for i in graph.input if i.name not in {t.name for t in graph.initializer}][0]
        dims = [d.dim_value for d in entering.type.tensor_type.shape.dim]
        scores = run(model, {entering.name: picture(dims)}).reshape(-1).astype("<f4")
        print(os.path.basename(path), scores.shape, scores[:4], scores.std())
        scores.tofile(path.replace(".onnx", ".f32"))


class Made:
    """A graph under construction."""

    def __init__(self, name, dims, opset, producer="pytorch"):
        self.name, self.opset, self.producer = name, opset, producer
        self.nodes, self.tensors, self.counted = [], [], 0
        self.entering = helper.make_tensor_value_info("x", TensorProto.FLOAT, dims)

    def tensor(self, name, array):
        self.tensors.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weights(self, name, dims):
        return self.tensor(name, numbers(name, dims))

    def node(self, op, *inputs, name="", **attributes):
        self.counted += 1
        output = f"{name or 'v' + str(self.counted)}_out"
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=name, **attributes))
        return output

    def conv(self, x, name, out, seen, side, bias=True, **attributes):
        inputs = [x, self.weights(f"{name}.weight", [out, seen, side, side])]
        if bias:
            inputs.append(self.weights(f"{name}.bias", [out]))
        return self.node("Conv", *inputs, kernel_shape=[side, side], **attributes)

    def norm(self, x, name, maps):
        parameters = [
            self.weights(f"{name}.{part}", [maps])
            for part in ("weight", "bias", "running_mean", "running_var")
        ]
        return self.node("BatchNormalization", x, *parameters, epsilon=1e-3)

    def model(self, output):
        leaving = helper.make_tensor_value_info("scores", TensorProto.FLOAT, None)
        self.nodes.append(helper.make_node("Identity", [output], ["scores"]))
        graph = helper.make_graph(self.nodes, self.name, [self.entering], [leaving], self.tensors)
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", self.opset)],
            producer_name=self.producer,
            ir_version=8,
        )

    def write(self, output, shape):
        model = self.model(output)
        path = os.path.join(HERE, "made", f"{self.name}.onnx")
        onnx.save(model, path)
        scores = run(model, {"x": picture(shape)}).reshape(-1).astype("<f4")
        print(self.name, os.path.getsize(path), scores)
        scores.tofile(path.replace(".onnx", ".f32"))


def residual():
    """Normalisation after filters, before them and after a sum; a shortcut; dynamic batch; a reshape whose shape is computed."""
    made = Made("residual", ["n", 3, 32, 32], 11)
    x = made.norm(made.conv("x", "conv1", 8, 3, 3, bias=False, strides=[2, 2], pads=[1] * 4), "bn1", 8)
    x = made.node("Relu", x)
    x = made.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    y = made.norm(made.conv(x, "layer1.conv1", 8, 8, 3, bias=False, pads=[1] * 4), "layer1.bn1", 8)
    y = made.conv(made.node("Relu", y), "layer1.conv2", 8, 8, 3, pads=[2] * 4, dilations=[2, 2])
    x = made.node("Relu", made.norm(made.node("Add", y, x), "layer1.bn3", 8))
    x = made.node("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4, count_include_pad=1)
    x = made.conv(x, "last", 6, 8, 1)
    lengths = made.node("Shape", x)
    first = made.node("Gather", lengths, made.tensor("zero", np.int64(0)), axis=0)
    first = made.node("Unsqueeze", first, axes=[0])
    shape = made.node("Concat", first, made.tensor("rest", np.array([-1], np.int64)), axis=0)
    x = made.node("Reshape", x, shape)
    x = made.node("Gemm", x, made.weights("fc.w", [6 * 4 * 4, 5]), made.weights("fc.b", [5]), alpha=0.01, beta=2.0)
    made.write(made.node("Softmax", x, axis=1), [1, 3, 32, 32])


def gated():
    """MobileNet v3 and EfficientNet: curves in pieces, gates, depthwise filters, clips, means over axes."""
    made = Made("gated", [1, 3, 32, 32], 13)
    three = made.tensor("three", np.float32(3))
    six = made.tensor("six", np.float32(6))
    zero = made.tensor("none", np.float32(0))

    def hard(x):
        return made.node("Clip", made.node("Add", x, three), zero, six)

    x = made.conv("x", "stem", 8, 3, 3, strides=[2, 2], pads=[1] * 4)
    x = made.node("Div", made.node("Mul", x, hard(x)), six)
    x = made.conv(x, "depth", 8, 1, 3, group=8, pads=[1] * 4)
    x = made.node("Mul", x, made.node("Sigmoid", x))
    gate = made.node("ReduceMean", x, axes=[2, 3], keepdims=1)
    gate = made.node("Relu", made.conv(gate, "squeeze", 4, 8, 1))
    gate = made.node("HardSigmoid", made.conv(gate, "expand", 8, 4, 1), alpha=1 / 6)
    x = made.node("Mul", gate, x)
    x = made.node("Mul", x, made.node("HardSigmoid", x, alpha=1 / 6))
    gate = made.node("GlobalAveragePool", x)
    gate = made.node("Div", hard(made.conv(gate, "gate", 8, 8, 1)), six)
    x = made.node("Mul", x, gate)
    x = made.node("Clip", made.conv(x, "head", 12, 8, 1), zero, six)
    x = made.node("PRelu", x, made.tensor("slopes", numbers("s", [12]).reshape(12, 1, 1)))
    x = made.node("LeakyRelu", made.conv(x, "leaky", 12, 12, 1), alpha=0.1)
    x = made.node("ReduceMean", x, axes=[-1, -2], keepdims=0)
    x = made.node("MatMul", x, made.weights("classifier.w", [12, 5]))
    made.write(made.node("Add", x, made.weights("classifier.b", [5])), [1, 3, 32, 32])


def last():
    """TensorFlow: maps last at both ends, padding in nodes of its own and by rule, a flattening in TensorFlow's order."""
    made = Made("last", [1, 24, 24, 3], 13, producer="tf2onnx")
    x = made.node("Transpose", "x", perm=[0, 3, 1, 2])
    x = made.node("Pad", x, made.tensor("pads", np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64)))
    x = made.node("Relu", made.conv(x, "conv1", 6, 3, 3, strides=[2, 2]))
    x = made.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    x = made.conv(x, "conv2", 4, 6, 3, auto_pad="SAME_LOWER", strides=[2, 2])
    x = made.node("Transpose", x, perm=[0, 2, 3, 1])
    x = made.node("Sub", x, made.tensor("mean", numbers("mean", [4])))
    x = made.node("Relu", x)
    x = made.node("Reshape", x, made.tensor("flat", np.array([-1, 36], np.int64)))
    x = made.node("MatMul", x, made.weights("dense.kernel", [36, 5]))
    x = made.node("Add", x, made.weights("dense.bias", [5]))
    made.write(made.node("Sigmoid", x), [1, 24, 24, 3])


def few_bits():
    """Weights and maps of 8 bits, with the nodes that say how they are meant (QDQ)."""
    made = Made("few_bits", [1, 3, 16, 16], 13)
    scale = made.tensor("scale", np.float32(1 / 64))
    zero = made.tensor("zero", np.int8(0))
    rng = np.random.default_rng(1)

    def kept(x):
        return made.node("DequantizeLinear", made.node("QuantizeLinear", x, scale, zero), scale, zero)

    few = made.tensor("few", rng.integers(-127, 127, [8, 3, 3, 3]).astype(np.int8))
    scales = made.tensor("scales", (rng.random(8) / 500 + 0.001).astype(np.float32))
    zeros = made.tensor("zeros", np.zeros(8, np.int8))
    weight = made.node("DequantizeLinear", few, scales, zeros, axis=0)
    x = made.node("Conv", kept("x"), weight, kernel_shape=[3, 3])
    x = made.node("GlobalAveragePool", kept(made.node("Relu", x)))
    x = made.node("Flatten", x)
    made.write(made.node("Gemm", x, made.weights("fc", [5, 8]), transB=1), [1, 3, 16, 16])


def parts():
    """Some of the maps: cut out, dealt out, shuffled as in ShuffleNet v2, and normalised one by one as GoogLeNet of torchvision does."""
    made = Made("parts", [1, 3, 16, 16], 13)
    one = made.tensor("one", np.array([1], np.int64))
    colours = []
    for at, (factor, shift) in enumerate([(0.458, -0.03), (0.448, -0.088), (0.45, -0.188)]):
        x = made.node("Unsqueeze", made.node("Gather", "x", made.tensor(f"at{at}", np.int64(at)), axis=1), one)
        x = made.node("Mul", x, made.tensor(f"factor{at}", np.float32(factor)))
        colours.append(made.node("Add", x, made.tensor(f"shift{at}", np.float32(shift))))
    x = made.node("Relu", made.conv(made.node("Concat", *colours, axis=1), "conv1", 8, 3, 3, pads=[1] * 4))
    made.nodes.append(helper.make_node("Split", [x, made.tensor("halves", np.array([4, 4], np.int64))], ["kept", "changed"], axis=1))
    y = made.node("Relu", made.conv("changed", "branch", 4, 4, 3, pads=[1] * 4))
    x = made.node("Concat", "kept", y, axis=1)
    x = made.node("Reshape", x, made.tensor("apart", np.array([1, 2, 4, 16, 16], np.int64)))
    x = made.node("Reshape", made.node("Transpose", x, perm=[0, 2, 1, 3, 4]), made.tensor("again", np.array([1, -1, 16, 16], np.int64)))
    bounds = [made.tensor(name, np.array([value], np.int64)) for name, value in (("start", -5), ("end", 1 << 40), ("axis", 1))]
    x = made.node("Slice", x, *bounds)
    x = made.node("GlobalAveragePool", made.conv(x, "last", 5, 5, 1))
    made.write(made.node("Flatten", x), [1, 3, 16, 16])


def same():
    """Padding as TensorFlow counts it, computed from the maps' shape where it is needed, as PyTorch's older exporter writes it."""
    made = Made("same", ["n", 3, 15, 15], 13)
    number = lambda name, value: made.tensor(name, np.array(value))
    zero = number("zero", [0])
    x = "x"
    for layer, (seen, out) in enumerate([(3, 6), (6, 5)]):
        before = []
        for axis in (3, 2):
            length = made.node("Gather", made.node("Shape", x), number(f"axis{layer}{axis}", axis), axis=0)
            length = made.node("Cast", length, to=TensorProto.FLOAT)
            steps = made.node("Ceil", made.node("Div", length, number(f"stride{layer}{axis}", np.float32(2))))
            steps = made.node("Sub", steps, number(f"one{layer}{axis}", np.float32(1)))
            needed = made.node("Mul", steps, number(f"two{layer}{axis}", np.float32(2)))
            needed = made.node("Add", needed, number(f"side{layer}{axis}", np.float32(3)))
            missing = made.node("Clip", made.node("Sub", needed, length), number(f"none{layer}{axis}", np.float32(0)))
            half = made.node("Div", missing, number(f"half{layer}{axis}", np.float32(2)))
            half = made.node("Cast", made.node("Cast", half, to=TensorProto.INT64), to=TensorProto.FLOAT)
            for side in (half, made.node("Sub", missing, half)):
                before.append(made.node("Unsqueeze", side, zero))
        pads = made.node("Cast", made.node("Concat", *before, axis=0), to=TensorProto.INT64)
        rest = made.node("ConstantOfShape", number(f"rest{layer}", [4]), value=numpy_helper.from_array(np.array([0])))
        pads = made.node("Reshape", made.node("Concat", pads, rest, axis=0), number(f"pairs{layer}", [-1, 2]))
        ends = [number(f"{name}{layer}", [value]) for name, value in (("from", -1), ("to", -(2**63) + 1), ("along", 0), ("back", -1))]
        pads = made.node("Transpose", made.node("Slice", pads, *ends), perm=[1, 0])
        x = made.node("Pad", x, made.node("Reshape", pads, number(f"list{layer}", [-1])))
        x = made.node("Relu", made.conv(x, f"conv{layer}", out, seen, 3, strides=[2, 2]))
    made.write(made.node("Flatten", made.node("GlobalAveragePool", x)), [1, 3, 15, 15])


def opened():
    """Rows and columns left open, as of networks that average over all places."""
    made = Made("open", ["n", 3, "rows", "columns"], 13)
    x = "x"
    for layer, (seen, out) in enumerate([(3, 6), (6, 8)]):
        x = made.node("Relu", made.conv(x, f"conv{layer}", out, seen, 3, strides=[2, 2], pads=[1] * 4))
    made.write(made.node("Flatten", made.node("GlobalAveragePool", x)), [1, 3, 20, 20])


def heavy():
    """Dense layers of 19 MB in a file of a few kilobytes."""
    made = Made("heavy", [1, 3, 32, 32], 13)
    x = made.node("Relu", made.conv("x", "conv1", 8, 3, 3, pads=[1] * 4), name="relu1")
    x = made.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], name="pool1")
    x = made.node("Flatten", x, name="flat")
    filled = helper.make_tensor("filled", TensorProto.FLOAT, [1], [0.01])
    weight = made.node("ConstantOfShape", made.tensor("shape", np.array([2304, 2048], np.int64)), value=filled)
    x = made.node("Relu", made.node("Gemm", x, weight, transB=1, name="fc1"), name="relu2")
    made.write(made.node("Gemm", x, made.weights("fc2.weight", [3, 2304]), transB=1, name="fc2"), [1, 3, 32, 32])


def oblong():
    """More columns than rows, and more rows than columns with the maps last; a dense layer that reads every place."""
    for name, rows, cols in [("wide", 48, 80), ("tall", 72, 40)]:
        is_last = name == "tall"
        shape = [1, rows, cols, 3] if is_last else [1, 3, rows, cols]
        made = Made(name, shape, 13, producer="tf2onnx" if is_last else "pytorch")
        x = made.node("Transpose", "x", perm=[0, 3, 1, 2]) if is_last else "x"
        for layer, (seen, out) in enumerate([(3, 6), (6, 8), (8, 8)], 1):
            x = made.conv(x, f"conv{layer}", out, seen, 3, pads=[1] * 4)
            x = made.node("Relu", x, name=f"relu{layer}")
            x = made.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], name=f"pool{layer}")
        if is_last:
            x = made.node("Transpose", x, perm=[0, 2, 3, 1])
        count = 8 * (rows // 8) * (cols // 8)
        x = made.node("Reshape", x, made.tensor("flat", np.array([-1, count], np.int64)))
        x = made.node("MatMul", x, made.tensor("fc.weight", numbers("fc.weight", [count, 4]) * np.float32(0.05)))
        x = made.node("Add", x, made.weights("fc.bias", [4]))
        made.write(made.node("Softmax", x, axis=1), shape)


class Pictures(quantization.CalibrationDataReader):
    """What tells the quantiser how large numbers are."""

    def __init__(self, shape):
        draw = np.random.RandomState(4)
        mixed = [picture(shape) + draw.uniform(-0.2, 0.2, shape).astype(np.float32) for _ in range(8)]
        self.left = iter([{"x": one} for one in [picture(shape), *mixed]])

    def get_next(self):
        return next(self.left, None)


def quantised():
    """A residual network by onnxruntime's quantiser, in its two ways of writing: operators of their own, and nodes around the
    usual ones. Rectifiers are left out for ranges that begin at zero."""
    made = Made("whole", [1, 3, 32, 32], 13)
    zero, six = made.tensor("none", np.float32(0)), made.tensor("six", np.float32(6))
    x = made.node("Relu", made.conv("x", "conv1", 8, 3, 3, strides=[2, 2], pads=[1] * 4), name="relu1")
    x = made.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1], name="pool1")
    y = made.node("Clip", made.conv(x, "conv2", 8, 1, 3, pads=[1] * 4, group=8), zero, six, name="clip2")
    y = made.conv(y, "conv3", 8, 8, 1)
    x = made.node("Relu", made.node("Add", y, x, name="add"), name="relu3")
    y = made.node("AveragePool", x, kernel_shape=[3, 3], pads=[1] * 4, name="pool2")
    x = made.node("Concat", made.conv(x, "left", 4, 8, 1), y, axis=1, name="join")
    x = made.node("Flatten", made.node("GlobalAveragePool", x, name="gap"), name="flat")
    whole = made.model(made.node("Gemm", x, made.weights("fc.w", [5, 12]), made.weights("fc.b", [5]), transB=1, name="fc"))
    shape = [1, 3, 32, 32]
    for name, form, kind, each in [
        ("operators", quantization.QuantFormat.QOperator, quantization.QuantType.QUInt8, False),
        ("nodes", quantization.QuantFormat.QDQ, quantization.QuantType.QInt8, True),
    ]:
        path = os.path.join(HERE, "made", f"{name}.onnx")
        quantization.quantize_static(whole, path, Pictures(shape), quant_format=form, activation_type=kind, weight_type=quantization.QuantType.QInt8, per_channel=each)
        model = onnx.load(path)
        scores = run(model, {"x": picture(shape)}).reshape(-1).astype("<f4")
        print(name, os.path.getsize(path), sorted({node.op_type for node in model.graph.node}), scores, run(whole, {"x": picture(shape)}).reshape(-1))
        scores.tofile(path.replace(".onnx", ".f32"))


if __name__ == "__main__":
    light()
    residual()
    gated()
    last()
    few_bits()
    parts()
    same()
    opened()
    oblong()
    heavy()
    quantised()
