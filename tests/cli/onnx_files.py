"""Small ONNX files, good and bad, for 8x8 grey images and ten classes."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

RANDOM = np.random.default_rng(0)


def weight(name, *shape):
    return numpy_helper.from_array(RANDOM.standard_normal(shape).astype(np.float32) * 0.1, name)


def write(path, nodes, initialisers, output="logits"):
    """Saves without onnx.checker: what is wrong must stay wrong."""
    graph = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", 10])], initialisers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    save(model, str(path))
    return path


def conv(name, source, kernel, padding=1):
    return helper.make_node("Conv", [source, kernel], [name], name=name, pads=[padding] * 4)


def head(source, features=256):
    return [helper.make_node("Flatten", [source], ["flat"], name="flat"),
            helper.make_node("Gemm", ["flat", "w_head"], ["logits"], name="head", transB=1)], [weight("w_head", 10, features)]


def network(path, *middle, source, features=256, extra=()):
    nodes, initialisers = head(source, features)
    return write(path, [conv("first", "image", "w_first"), *middle, *nodes],
                 [weight("w_first", 4, 1, 3, 3), *initialisers, *extra])


def good(path):
    return network(path, helper.make_node("Relu", ["first"], ["relu"], name="relu"), source="relu")


def two_convolutions(path):
    return network(path, conv("second", "first", "w_second"), helper.make_node("Relu", ["second"], ["relu"], name="relu"),
                   source="relu", extra=[weight("w_second", 4, 4, 3, 3)])


def unsupported(path):
    return network(path, helper.make_node("Sigmoid", ["first"], ["gate"], name="gate"), source="gate")


def two_refusals(path):
    return network(path, helper.make_node("LeakyRelu", ["first"], ["leaky"], name="leaky", alpha=0.1),
                   helper.make_node("HardSwish", ["leaky"], ["swish"], name="swish"), source="swish")


def ends_in_relu(path):
    nodes, initialisers = head("relu")
    nodes.append(helper.make_node("Relu", ["logits"], ["answers"], name="last"))
    return write(path, [conv("first", "image", "w_first"), helper.make_node("Relu", ["first"], ["relu"], name="relu"), *nodes],
                 [weight("w_first", 4, 1, 3, 3), *initialisers], output="answers")


def ends_in_softmax(path):
    nodes, initialisers = head("relu")
    nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], name="probabilities"))
    return write(path, [conv("first", "image", "w_first"), helper.make_node("Relu", ["first"], ["relu"], name="relu"), *nodes],
                 [weight("w_first", 4, 1, 3, 3), *initialisers], output="probabilities")


def cyclic(path):
    return network(path, helper.make_node("Add", ["first", "relu"], ["sum"], name="sum"),
                   helper.make_node("Relu", ["sum"], ["relu"], name="relu"), source="relu")


def wrong_channels(path):
    """The second convolution takes 7 channels; the first makes 4."""
    return network(path, helper.make_node("Relu", ["first"], ["relu"], name="relu"), conv("second", "relu", "w_second"),
                   source="second", extra=[weight("w_second", 4, 7, 3, 3)])


def wrong_features(path):
    """The linear layer takes 100 features; 256 arrive."""
    return network(path, helper.make_node("Relu", ["first"], ["relu"], name="relu"), source="relu", features=100)
