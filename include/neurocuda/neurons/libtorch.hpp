#pragma once

// libtorch as its parts use it: tensors, autograd, devices, seeds. Not torch/torch.h: its modules, optimizers and data
// loaders instantiate templates in every file that reads them, two thirds of the time that such a file takes to
// compile. Who needs one of those (training/loop/sgd.cpp) includes it itself.
#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>
