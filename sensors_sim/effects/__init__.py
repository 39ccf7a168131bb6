"""The ways a plan can be bent, listed by hand; the catalogue says which happen."""

from sensors_sim.effects.alarms import Exceed, StandingAlarm
from sensors_sim.effects.declared import (
    AnalysedThoughNone,
    ChangedSince,
    ContractorsUntold,
    DeclaredLate,
    MiscountOtherWork,
    ShareTicket,
    TakenBack,
)
from sensors_sim.effects.delivery import (
    AnnounceByAWrongClock,
    BackDatedPermit,
    BorrowedTicket,
    CopyYesterday,
    Delivered,
    Outage,
    Oversize,
)
from sensors_sim.effects.paper import (
    Amend,
    Announce,
    ContradictFlag,
    MiscountHotWork,
    MiscountUnits,
    PromiseDespite,
    Withdraw,
)
from sensors_sim.effects.permits import (
    Approved,
    DeclaredAndPermitted,
    DeclaredThenCancelled,
    Filmed,
    GasSampled,
    GradesDiffer,
    Guarded,
    ItemWithoutPermit,
    PapersDiffer,
    PermitWithoutItem,
    RecordedTwice,
    ResendPermit,
    TwoTicketsOnePlace,
    Worked,
)
from sensors_sim.effects.related import DisagreeWithSibling, MeterTank
from sensors_sim.effects.signals import (
    Calculate,
    CopyAnother,
    Drift,
    MistakeUnit,
    Offset,
    ReplayYesterday,
    Smooth,
    Spike,
    Stick,
    Tremble,
    TypeByHand,
)
from sensors_sim.effects.sources import CameraDown, CameraSilent, Silence, Stray
from sensors_sim.effects.special import (
    ConfinedSpace,
    CrossingJobs,
    FilmedByADeadCamera,
    GasDuringWork,
    OtherWork,
    Rested,
    Unmonitored,
)
from sensors_sim.effects.transmission import (
    Flap,
    FreezePicture,
    GoStale,
    LoseBigGateway,
    MissFromBatch,
    SendSlowly,
)
from sensors_sim.effects.wire import Malform, ShutDown

AnyEffect = (
    Announce
    | Withdraw
    | Amend
    | MiscountUnits
    | ContradictFlag
    | PromiseDespite
    | MiscountHotWork
    | PermitWithoutItem
    | ItemWithoutPermit
    | GradesDiffer
    | PapersDiffer
    | DeclaredThenCancelled
    | DeclaredAndPermitted
    | TwoTicketsOnePlace
    | ResendPermit
    | GasSampled
    | Guarded
    | Approved
    | Worked
    | Filmed
    | RecordedTwice
    | DeclaredLate
    | TakenBack
    | ChangedSince
    | AnalysedThoughNone
    | ShareTicket
    | ContractorsUntold
    | MiscountOtherWork
    | OtherWork
    | ConfinedSpace
    | CrossingJobs
    | Rested
    | Unmonitored
    | FilmedByADeadCamera
    | GasDuringWork
    | Exceed
    | StandingAlarm
    | Silence
    | CameraDown
    | CameraSilent
    | Stray
    | LoseBigGateway
    | Flap
    | MissFromBatch
    | SendSlowly
    | GoStale
    | FreezePicture
    | Stick
    | ReplayYesterday
    | CopyAnother
    | Drift
    | Offset
    | Spike
    | Tremble
    | Smooth
    | TypeByHand
    | Calculate
    | MistakeUnit
    | DisagreeWithSibling
    | MeterTank
    | AnnounceByAWrongClock
    | CopyYesterday
    | BackDatedPermit
    | BorrowedTicket
    | Delivered
    | Outage
    | Oversize
    | Malform
    | ShutDown
)
