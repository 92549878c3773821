#!/usr/bin/python3
"""One FP32 training step of CIFAR ResNet-20 in PyTorch on the CPU: the network, optimizer and batch of
`precess bench step --network resnet20-cifar`.  Prints the median images per second.
usage: torch_step.py BATCH THREADS REPEATS"""
import statistics
import sys
import time

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))
        self.short = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        return torch.relu(self.main(x) + self.short(x))


def resnet(n):
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
    inputs = 16
    for group in range(3):
        for block in range(n):
            width = 16 << group
            layers.append(Block(inputs, width, 2 if group > 0 and block == 0 else 1))
            inputs = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def median_rate(batch, repeats, layout):
    torch.manual_seed(1)
    net = resnet(3).to(memory_format=layout)
    x = torch.randn(batch, 3, 32, 32).contiguous(memory_format=layout)
    labels = torch.randint(10, (batch,))
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    loss = nn.CrossEntropyLoss()
    times = []
    for i in range(repeats + 2):
        start = time.perf_counter()
        sgd.zero_grad()
        loss(net(x), labels).backward()
        sgd.step()
        if i >= 2:
            times.append(time.perf_counter() - start)
    return batch / statistics.median(times)


def main():
    batch, threads, repeats = (int(word) for word in sys.argv[1:4])
    torch.set_num_threads(threads)
    rates = [median_rate(batch, repeats, layout) for layout in (torch.contiguous_format, torch.channels_last)]
    print(f"{max(rates):.1f}")
    print(f"PyTorch {torch.__version__}, images/s as NCHW {rates[0]:.1f}, as NHWC {rates[1]:.1f}", file=sys.stderr)


main()
