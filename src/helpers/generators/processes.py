"""Several processes train one model: each takes its share of every batch, and all go the same step.

Processes are started by ``accelerate launch`` (see ``helpers.generators.launch``); everything that a step draws at
random is drawn for the whole batch by every process, so the number of processes changes a training by rounding only.
"""

from dataclasses import dataclass, field

import torch
from accelerate import PartialState
from accelerate.utils import reduce
from torch import Tensor, nn

from helpers.errors import ParameterError


@dataclass(frozen=True)
class Processes:
    """How many processes train together, and which one this is."""

    count: int = 1
    rank: int = 0

    @classmethod
    def launched(cls) -> "Processes":
        """Those that ``accelerate launch`` has started; one where there was no launch."""
        state = PartialState(cpu=not torch.cuda.is_available())
        return cls(state.num_processes, state.process_index)

    @property
    def first(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    @property
    def device(self) -> torch.device | None:
        """Where this process computes, when there are several; None leaves the choice open."""
        return None if self.count == 1 else PartialState().device

    def check(self, batch: int) -> None:
        """Raise ParameterError unless every process gets the same share of a batch."""
        if batch % self.count:
            raise ParameterError(f"batch = {batch}: cannot be shared by {self.count} processes; take a multiple of it")

    def share(self, *whole: Tensor) -> list[Tensor]:
        """This process's items of each tensor, every ``count``-th one, so that groups of a batch stay together."""
        return [part[self.rank :: self.count] for part in whole]

    def mean(self, value: Tensor) -> Tensor:
        """Mean over the processes, element by element."""
        return value if self.count == 1 else reduce(value.clone(), "mean")

    def agreed(self, seconds: float) -> float:
        """The mean of a time that every process took, so that all stop at the same step."""
        return seconds if self.count == 1 else float(self.mean(torch.tensor(seconds, device=self.device)))

    def average_gradients(self, network: nn.Module) -> None:
        """Give every process the mean gradient, in one message."""
        if self.count == 1:
            return
        gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
        whole = reduce(torch.cat([gradient.flatten() for gradient in gradients]), "mean")
        for gradient, mean in zip(gradients, whole.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(mean.view_as(gradient))


@dataclass(frozen=True)
class Draws:
    """Random numbers of one step; their first axis counts images, of which each process keeps its share."""

    generator: torch.Generator
    processes: Processes = field(default_factory=Processes)

    @classmethod
    def of_seed(cls, seed: int, device: torch.device | str = "cpu", processes: Processes | None = None) -> "Draws":
        """The stream of a seed."""
        return cls(torch.Generator(device).manual_seed(int(seed)), processes or Processes())

    def normal(self, *shape: int, of: Tensor | None = None) -> Tensor:
        """Standard normal float32 of a shape (n, ...); ``of`` says, for the whole batch, whose numbers each image
        gets: its own where it is None."""
        return self._shared(torch.randn, shape, of)

    def uniform(self, *shape: int) -> Tensor:
        """Uniform float32 in 0..1 of a shape (n, ...)."""
        return self._shared(torch.rand, shape)

    def _shared(self, draw, shape: tuple[int, ...], of: Tensor | None = None) -> Tensor:
        count = shape[0] * self.processes.count
        drawn = draw(count, *shape[1:], generator=self.generator, device=self.generator.device)
        drawn = drawn if of is None else drawn[of.to(drawn.device)]
        (own,) = self.processes.share(drawn)
        return own
