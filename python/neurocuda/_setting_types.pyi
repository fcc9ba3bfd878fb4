# Made by scripts/generate-settings.py from the tables of settings; do not edit.
from typing import TypedDict

class ConvertSettings(TypedDict, total=False):
    mode: str
    neuron: str
    levels: int | None
    weight_bits: int
    input_bits: int
    input_absmax: list[float] | None
    fit_images: int
    epochs: int
    percentile: float
    percentile_images: int
    learning_rate: float
    lambda_learning_rate: float
    clip_norm: float
    distillation: float
    label_weight: float
    synop_weight: float
    weight_decay: float
    average: float
    tune: str | None
    tune_epochs: int
    tune_images: int
    tune_learning_rate: float
    threshold_learning_rate: float
    tune_clip_norm: float
    tune_distillation: float
    rate_matching: float
    time_consistency: float
    memory_limit: int
    attribution_images: int
    held_out: float
    score_images: int
    batch_size: int
    crop_padding: int | None
    flip: bool | None
    cutout: int
    bf16: bool
    threads: int

class TrainSettings(TypedDict, total=False):
    epochs: int
    learning_rate: float
    momentum: float
    weight_decay: float
    warmup_epochs: float
    label_smoothing: float
    training_images: int
    batch_size: int
    crop_padding: int | None
    flip: bool | None
    cutout: int
    device: str
    bf16: bool
    seed: int
    threads: int
