//! Steps of a change, with a kill at each, and counts of the results.
use crate::{
    deed::Deed,
    rig::Rig,
    trial::{After, End, Trial},
};
use std::{fmt, ops::AddAssign, thread};

/// Numbers of changes by how they ended after a kill.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub finished: usize,
    pub taken_back: usize,
    pub nothing_to_do: usize,
}

impl Counts {
    pub fn kills(self) -> usize {
        self.finished + self.taken_back + self.nothing_to_do
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.finished += other.finished;
        self.taken_back += other.taken_back;
        self.nothing_to_do += other.nothing_to_do;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { finished, taken_back, nothing_to_do } = self;
        write!(
            f,
            "{} kills: {finished} finished, {taken_back} taken back, {nothing_to_do} with nothing to do; nothing \
             unaccounted for",
            self.kills()
        )
    }
}

/// Returns every step of a change.
pub fn every_step(rig: &Rig) -> Vec<String> {
    let (transactions, line) = rig.size();
    let mut points = vec!["agreed:0".to_owned(), "intended:0".to_owned()];
    // The times and revisions of the next line may be some digits shorter than those of this one.
    points.extend([0, 1, line / 2, line - 40].map(|bytes| format!("line:{bytes}")));
    for number in 0..transactions {
        let mut around = [format!("committing:{number}"), format!("committed:{number}")];
        // The order alternates, so that each step is finished in one round and taken back in another.
        around.rotate_left(number % 2);
        points.extend(around);
    }
    points.extend(["concluding:0".to_owned(), "concluded:0".to_owned()]);
    points
}

/// Kills at each of these steps, and alternately finishes and takes back.
pub fn kill_at(rig: &Rig, points: &[impl AsRef<str>]) -> Counts {
    let mut counts = Counts::default();
    for (number, point) in points.iter().enumerate() {
        let after = if number % 2 == 0 { After::Finish } else { After::Undo };
        match (Trial { rig, point: point.as_ref(), after }).run() {
            End::Finished => counts.finished += 1,
            End::TakenBack => counts.taken_back += 1,
            End::NothingToDo => counts.nothing_to_do += 1,
        }
    }
    counts
}

/// Kills at every step of a change, on as many etcds as there are processors.
pub fn kill_at_every_step(deed: Deed, keys: usize) -> Counts {
    let points = every_step(&Rig::of(deed, keys));
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut counts = Counts::default();
    thread::scope(|scope| {
        let parts = points.chunks(points.len().div_ceil(workers));
        let parts: Vec<_> = parts.map(|part| scope.spawn(|| kill_at(&Rig::of(deed, keys), part))).collect();
        for part in parts {
            counts += part.join().unwrap();
        }
    });
    assert_eq!(counts.kills(), points.len());
    counts
}
