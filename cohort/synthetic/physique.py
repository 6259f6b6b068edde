"""What makes one head differ from the next: size, bone, age's traces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohort.synthetic.anatomy.calcification import Drain, Spot, draw_drain, draw_spots
from cohort.synthetic.anatomy.old_damage import Damage, draw_damage
from cohort.synthetic.fields import Points
from cohort.synthetic.style import Style


@dataclass(frozen=True)
class Asymmetry:
    """How a head departs from its mirror image: nobody's midline is quite straight.

    Attributes
    ----------
    bow, wave
        How far the midline bends to the patient's left in the middle, and to and fro, in mm;
        less than what counts as a shift.
    flat
        Plagiocephaly: how much further back than the right the left half lies, per mm of x.
    skew
        The same, the two ends of the head moving against each other.
    """

    bow: float = 0.0
    wave: float = 0.0
    flat: float = 0.0
    skew: float = 0.0

    def straighten(self, p: Points) -> Points:
        """Return where the points lie in the head if it were its own mirror image."""
        along = p.y * np.float32(1 / 83)
        bend = np.float32(self.bow) * (1 - along * along)
        bend += np.float32(self.wave) * np.sin(np.float32(np.pi) * along)
        y = p.y - p.x * (np.float32(self.flat) + np.float32(self.skew) * along)
        return Points(p.x - bend, y, p.z)


@dataclass(frozen=True)
class Bone:
    """The skull, in mm and HU.

    Attributes
    ----------
    thickness
        Of the vault at its sides; front and back are a third thicker, 5 to 9 mm: our choice.
        Adults' thickness goes with neither age nor sex nor build (Lynnerup 2001,
        doi:10.1016/S0379-0738(00)00447-3).
    table, diploe, base
        HU of the compact tables, of the spongy middle, of the skull base.
    hyperostosis
        How far the frontal bone thickens inwards, mm; met mostly in women (Hershkovitz et al.
        1999, Am J Phys Anthropol 109:303), here in about one old woman of ten: our choice.
    frontal_sinus, sphenoid_sinus
        Scale of the sinuses; no frontal sinus in one of ten.
    mastoid_left, mastoid_right
        Share of the mastoids that holds air.
    """

    thickness: float
    table: float
    diploe: float
    base: float
    hyperostosis: float
    frontal_sinus: float
    sphenoid_sinus: float
    mastoid_left: float
    mastoid_right: float


@dataclass(frozen=True)
class Horns:
    """One lateral ventricle: how much wider than the reference its parts are, mm.

    Attributes
    ----------
    frontal, body, atrium, temporal
        Widening of the walls; negative for slits.
    occipital
        Length of the occipital horn, 1 for the reference, 0 where there is none, as in a third
        of people on one side or both.
    """

    frontal: float
    body: float
    atrium: float
    temporal: float
    occipital: float


@dataclass(frozen=True)
class Physique:
    """One patient's head, in mm and HU.

    Attributes
    ----------
    width, length, height
        Scale of the reference head along x, y, z: 1 is 136 × 166 mm inside, 75 mm from the
        commissures to the vertex. Width to length make long and short skulls: cephalic indices
        of 0.74 to 0.95 are met.
    egg, squareness
        How much narrower the forehead is than the back of the head (share of the half-width);
        exponent of the outline, 2 for an ellipse.
    bone
        The skull.
    scalp
        Thickness of skin and fat over it.
    swelling, swelling_at
        How much thicker it is at most where it is swollen, and there (x, y, z), unit vector.
    muscle
        Scale of the temporal muscle.
    atrophy
        0 for a young brain to 1 for an old one.
    sulci
        Width of sulci and fissures on the same scale.
    left, right
        The lateral ventricles, which widen with age, faster from the fifth decade in men and
        the sixth in women (Kaye et al. 1992, doi:10.1111/j.1532-5415.1992.tb02073.x). A scatter
        as large as the trend is our choice.
    spread
        How far apart they lie: scale of x.
    third, fourth
        Half-width of the third, scale of the fourth ventricle.
    cavum
        Half-width of a cavum septi pellucidi; 0 in most.
    grey, white
        HU of cortex and white matter: 35 to 41, and 5 to 11 less. Our choice, about their
        ratio of 1.32 in normal scans (Choi et al. 2008, PubMed 18843066).
    blood
        HU of venous sinuses, which follow the hematocrit and have 70 at most (Black et al. 2011,
        PMC7966032).
    falx, falx_hu
        Half-thickness in mm and HU of falx and tentorium.
    damage, spots, drain
        Old damage, calcifications, and a catheter in the few who have one.
    """

    width: float
    length: float
    height: float
    egg: float
    squareness: float
    bone: Bone
    scalp: float
    swelling: float
    swelling_at: tuple[float, float, float]
    muscle: float
    atrophy: float
    sulci: float
    left: Horns
    right: Horns
    spread: float
    third: float
    fourth: float
    cavum: float
    grey: float
    white: float
    blood: float
    falx: float
    falx_hu: float
    damage: Damage
    spots: tuple[Spot, ...]
    drain: Drain | None

    def reference(self, p: Points) -> Points:
        """Return where the points lie in the reference head."""
        return Points(p.x / self.width, p.y / self.length, p.z / self.height)


def draw_asymmetry(rng: np.random.Generator) -> Asymmetry:
    """Draw how crooked a head is."""
    bow, wave, flat, skew = np.clip(rng.normal(0, 1, 4), -2.2, 2.2)
    return Asymmetry(0.5 * float(bow), 0.4 * float(wave), 0.02 * float(flat), 0.025 * float(skew))


def draw_physique(rng: np.random.Generator, age: int, sex: str, style: Style) -> Physique:
    """Draw the head of a patient of that age and sex, as met in a hospital of that style."""
    size = 1.0 if sex == "male" else 0.965
    width, length, height = np.clip(rng.normal(0, 1, 3), -2.2, 2.2) * (0.038, 0.036, 0.03)
    atrophy = float(np.clip((age - 38) / 48 + style.ageing + rng.normal(0, 0.2), 0, 1.1))
    left, right = _ventricles(rng, atrophy)
    grey = float(np.clip(rng.normal(37.8, 1.2), 35, 41))
    direction = rng.normal(0, 1, 3) + (0, 0, 0.3)
    direction /= np.linalg.norm(direction)
    return Physique(
        width=size * (1 + float(width)),
        length=size * (1 + float(length)),
        height=size * (1 + float(height)),
        egg=float(rng.uniform(0.04, 0.16)),
        squareness=float(rng.uniform(2.08, 2.42)),
        bone=_bone(rng, age, sex),
        scalp=float(rng.uniform(3.5, 8.0)),
        swelling=float(rng.uniform(4, 12)) if rng.random() < style.swelling else 0.0,
        swelling_at=(float(direction[0]), float(direction[1]), float(direction[2])),
        muscle=float(rng.uniform(0.6, 1.25)),
        atrophy=atrophy,
        sulci=float(np.clip(atrophy + rng.normal(0, 0.2), 0, 1.3)),
        left=left,
        right=right,
        spread=float(rng.uniform(0.88, 1.15)),
        third=float(np.clip(1.2 + 2.2 * atrophy + rng.normal(0, 0.5), 0.6, 5)),
        fourth=float(np.clip(rng.normal(0.95 + 0.2 * atrophy, 0.12), 0.65, 1.4)),
        cavum=float(rng.uniform(1.0, 4.0)) if rng.random() < 0.06 else 0.0,
        grey=grey,
        white=grey - float(np.clip(rng.normal(7.8, 1.5), 5, 11)),
        blood=float(np.clip(rng.normal(56, 5), 48, 70)),
        falx=float(rng.uniform(0.3, 0.9)) + 0.4 * (rng.random() < 0.1),
        falx_hu=float(np.clip(rng.normal(50, 6), 40, 68)),
        damage=draw_damage(rng, age, style),
        spots=draw_spots(rng, age, style),
        drain=draw_drain(rng),
    )


def _bone(rng: np.random.Generator, age: int, sex: str) -> Bone:
    thick = sex == "female" and age > 55 and rng.random() < 0.12
    mastoid = float(np.clip(rng.normal(0.85, 0.25), 0, 1.2))
    other = float(np.clip(mastoid + rng.normal(0, 0.15), 0, 1.2))
    return Bone(
        thickness=float(np.clip(rng.normal(5.7, 1.0), 3.8, 9)),
        table=float(rng.uniform(1100, 1750)),
        diploe=float(rng.uniform(450, 1050)),
        base=float(rng.uniform(700, 1150)),
        hyperostosis=float(rng.uniform(2, 7)) if thick else 0.0,
        frontal_sinus=float(rng.uniform(0.5, 1.5)) if rng.random() < 0.9 else 0.0,
        sphenoid_sinus=float(rng.uniform(0.6, 1.25)),
        mastoid_left=mastoid,
        mastoid_right=other,
    )


def _ventricles(rng: np.random.Generator, atrophy: float) -> tuple[Horns, Horns]:
    """Return the left and the right ventricle: alike, but seldom equal."""
    wide = float(np.clip(-1.3 + 3.3 * atrophy + rng.normal(0, 0.9), -2.4, 5.5))
    parts = wide + rng.normal(0, 0.5, 4) + (0.0, 0.0, 0.0, -0.3)
    length = float(np.clip(rng.normal(0.75, 0.35), 0, 1.2))
    asymmetry = float(rng.normal(0, 0.3))

    def side(sign: float) -> Horns:
        own = parts + sign * asymmetry + rng.normal(0, 0.2, 4)
        horn = float(np.clip(length + rng.normal(0, 0.25), 0, 1.25))
        temporal = 0.5 * float(own[3])
        return Horns(float(own[0]), float(own[1]), float(own[2]), temporal, horn)

    return side(1), side(-1)
