"""Several processes train one model: each takes its share of every batch, and all take the same step.

``accelerate launch`` starts the processes (see ``helpers.generators.launch``). Every process draws all random numbers
of a step for the whole batch, so the number of processes changes the result only by rounding.
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
        """The processes that ``accelerate launch`` has started; a single one if there was no launch."""
        state = PartialState(cpu=not torch.cuda.is_available())
        return cls(state.num_processes, state.process_index)

    @property
    def first(self) -> bool:
        """Whether this process writes files and reports progress."""
        return self.rank == 0

    @property
    def device(self) -> torch.device | None:
        """The device of this process if there are several processes; None leaves the choice open."""
        return None if self.count == 1 else PartialState().device

    def check(self, batch: int) -> None:
        """Raise ParameterError unless every process gets the same share of a batch."""
        if batch % self.count:
            raise ParameterError(f"batch = {batch}: cannot be shared by {self.count} processes; take a multiple of it")

    def share(self, *whole: Tensor) -> list[Tensor]:
        """This process's items of each tensor: every ``count``-th one, so that groups within a batch stay together."""
        return [part[self.rank :: self.count] for part in whole]

    def mean(self, value: Tensor) -> Tensor:
        """Mean over the processes, element by element."""
        return value if self.count == 1 else reduce(value.clone(), "mean")

    def agreed(self, seconds: float) -> float:
        """Mean over the processes of the time each one took, so that all stop at the same step."""
        return seconds if self.count == 1 else float(self.mean(torch.tensor(seconds, device=self.device)))

    def average_gradients(self, network: nn.Module) -> None:
        """Give every process the mean gradient, in a single communication."""
        if self.count == 1:
            return
        gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
        whole = reduce(torch.cat([gradient.flatten() for gradient in gradients]), "mean")
        for gradient, mean in zip(gradients, whole.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(mean.view_as(gradient))


@dataclass(frozen=True)
class Draws:
    """Random numbers for one step; the first axis is images, of which each process keeps its share."""

    generator: torch.Generator
    processes: Processes = field(default_factory=Processes)

    @classmethod
    def of_seed(cls, seed: int, device: torch.device | str = "cpu", processes: Processes | None = None) -> "Draws":
        """The random stream of a seed."""
        return cls(torch.Generator(device).manual_seed(int(seed)), processes or Processes())

    def normal(self, *shape: int, of: Tensor | None = None) -> Tensor:
        """Standard normal float32 (n, ...); image i of the batch gets those of image ``of[i]`` (None: its own)."""
        return self._shared(torch.randn, shape, of)

    def uniform(self, *shape: int) -> Tensor:
        """Uniform float32 (n, ...) in 0..1."""
        return self._shared(torch.rand, shape)

    def _shared(self, draw, shape: tuple[int, ...], of: Tensor | None = None) -> Tensor:
        count = shape[0] * self.processes.count
        drawn = draw(count, *shape[1:], generator=self.generator, device=self.generator.device)
        drawn = drawn if of is None else drawn[of.to(drawn.device)]
        (own,) = self.processes.share(drawn)
        return own
