"""nnU-Net's training and prediction with a schedule for CPUs: a program for its environment.

It calls nnU-Net's own trainer and predictor, and imports nothing of this project. nnU-Net's
commands would first import every trainer variant that comes with it, and with them torchvision,
whose usual builds do not go with a CPU build of torch.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from batchgenerators.utilities.file_and_folder_operations import load_json
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

CPU = torch.device("cpu")
CONFIGURATION = "2d"
FOLD = 0
ROTATION = np.pi / 12
WEIGHTS = "weights.pt"


class CPUTrainer(nnUNetTrainer):
    """nnU-Net's trainer; loss, optimizer, schedule, sampling and augmentation are its own.

    What differs:

    - one validation batch an epoch (50), and no picture after each, which would only take
      CPU-seconds from the training: the last weights are used, as nnU-Net does;
    - no mirroring: a mirror image would have its left ventricle labelled as its right one, and
      no head is upside down;
    - turned by up to 15° as nnU-Net does with elongated patches, instead of 180°, since scans
      lie alike.
    """

    def __init__(
        self, plans: dict, configuration: str, fold: int, dataset_json: dict, device: torch.device
    ) -> None:
        super().__init__(plans, configuration, fold, dataset_json, device)
        self.num_val_iterations_per_epoch = 1
        self.logger.plot_progress_png = lambda output_folder: None

    def configure_rotation_dummyDA_mirroring_and_inital_patch_size(self) -> tuple:  # noqa: D102
        _, dummy_2d, size, _ = super().configure_rotation_dummyDA_mirroring_and_inital_patch_size()
        self.inference_allowed_mirroring_axes = None
        return (-ROTATION, ROTATION), dummy_2d, size, None

    def plot_network_architecture(self) -> None:
        """Leave out a picture for which a library is missing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", help="train on preprocessed cases")
    training.add_argument("dataset", type=Path, help="folder of the preprocessed dataset")
    training.add_argument("--plans", required=True, help="name of the plans")
    training.add_argument("--epochs", type=int, required=True)
    training.add_argument("--iterations", type=int, required=True, help="of an epoch")
    prediction = commands.add_parser("predict", help="segment a folder of scans")
    prediction.add_argument("results", type=Path, help="folder of a training's results")
    prediction.add_argument("images", type=Path, help="folder of <case>_0000.nii.gz")
    prediction.add_argument("output", type=Path, help="folder for probabilities <case>.npz")
    for command in (training, prediction):
        command.add_argument("--threads", type=int, required=True)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    if given.command == "train":
        train(given.dataset, given.plans, given.epochs, given.iterations)
    else:
        predict(given.results, given.images, given.output)


def train(dataset: Path, plans: str, epochs: int, iterations: int) -> None:
    """Train for `epochs` of `iterations`; the results go where `nnUNet_results` says."""
    chosen = {**load_json(str(dataset / f"{plans}.json")), "continue_training": False}
    trainer = CPUTrainer(chosen, CONFIGURATION, FOLD, load_json(str(dataset / "dataset.json")), CPU)
    trainer.num_epochs, trainer.num_iterations_per_epoch = epochs, iterations
    trainer.run_training()
    # nnU-Net's own checkpoint holds more than weights, and can't be read with weights_only.
    torch.save(trainer.network.state_dict(), Path(trainer.output_folder) / WEIGHTS)


def predict(results: Path, images: Path, output: Path) -> None:
    """Write each scan's probabilities, float [region, Z, Y, X], to `output`."""
    (path,) = results.rglob(WEIGHTS)
    folder = path.parent.parent
    plans, dataset = PlansManager(str(folder / "plans.json")), load_json(folder / "dataset.json")
    configuration = plans.get_configuration(CONFIGURATION)
    network = nnUNetTrainer.build_network_architecture(
        plans,
        configuration,
        determine_num_input_channels(plans, configuration, dataset),
        plans.get_label_manager(dataset).num_segmentation_heads,
        enable_deep_supervision=False,
    )
    weights = torch.load(path, map_location=CPU, weights_only=True)
    network.load_state_dict(weights)
    output.mkdir(parents=True, exist_ok=True)
    predictor = nnUNetPredictor(use_mirroring=False, device=CPU, allow_tqdm=False)
    predictor.manual_initialization(
        network,
        plans,
        configuration,
        [weights],
        dataset,
        CPUTrainer.__name__,
        None,
    )
    predictor.predict_from_files_sequential(str(images), str(output), save_probabilities=True)


if __name__ == "__main__":
    main()
