//! Steps by key presses: the time until the frame is finished, and the bytes on the line.
use super::{
    deck::{Place, has_rows, is_live},
    neighbour,
    numbers::{Times, median},
    report::{Aim, Peer, Report, time},
    terminal::Terminal,
};
use std::{
    fs,
    time::{Duration, Instant},
};

/// Time of one frame of a screen that is refreshed 60 times a second.
const FRAME: Duration = Duration::from_millis(16);
/// Time for which changes come in while keys are pressed.
const BUSY: Duration = Duration::from_secs(5);
/// Steps whose bytes are counted.
const STEPS: usize = 9;
/// Silence after which a program has finished its drawing.
const SILENCE: Duration = Duration::from_millis(300);

/// Measures the slowest key press to a finished frame, while the deck loads and while the watch brings a thousand
/// changes in every second.
pub(super) fn key_presses(place: &Place<'_>, runs: usize, report: &mut Report) {
    let mut presses = Times::default();
    for _ in 0..runs {
        let mut deck = place.open(&[]);
        if deck.wait(has_rows).is_none() {
            return report.broken(&deck.never_showed("the tree"));
        }
        let mut pressing = Pressing::default();
        while !is_live(&deck) {
            if !pressing.press(&mut deck, &mut presses) {
                return report.broken(&deck.never_showed("what a key press does"));
            }
        }
    }
    row("key to frame, loading, p50/p99/max", &presses, report);

    let mut deck = place.open(&[]);
    if deck.wait(has_rows).and_then(|_| deck.wait(is_live)).is_none() {
        return report.broken(&deck.never_showed("that it is live"));
    }
    let (mut presses, mut pressing) = (Times::default(), Pressing::default());
    let changing = neighbour::changing(place.endpoint, place.size);
    let began = Instant::now();
    while began.elapsed() < BUSY {
        if !pressing.press(&mut deck, &mut presses) {
            return report.broken(&deck.never_showed("what a key press does"));
        }
    }
    let (changed, took) = changing.stop();
    #[expect(clippy::cast_precision_loss, reason = "a rate is told")]
    let rate = changed as f64 / took.as_secs_f64();
    row(&format!("key to frame at {rate:.0} changes/s"), &presses, report);
}

fn row(what: &str, presses: &Times, report: &mut Report) {
    if presses.len() == 0 {
        return report.row(what, "complete before a key was pressed", &Peer::none(), Aim::None);
    }
    let [middle, most, all] = [0.5, 0.99, 1.0].map(|share| time(presses.quantile(share)));
    report.row(
        what,
        &format!("{middle} / {most} / {all}"),
        &Peer { told: format!("{} presses", presses.len()), ratio: String::new() },
        Aim::Met(presses.max() < FRAME, "under 16 ms"),
    );
}

/// Walk in the tree: down, to the end, to the beginning; every press moves the cursor to another name.
#[derive(Default)]
struct Pressing {
    presses: usize,
}

impl Pressing {
    /// Presses a key and waits for the frame that shows it. False if it never came.
    fn press(&mut self, deck: &mut Terminal, times: &mut Times) -> bool {
        let before = selected(deck);
        let at_top = before.as_deref() == Some("/coredns/");
        let key = match (at_top, tree_rows(deck) > 3, self.presses % 3) {
            (true, true, 1) => "G",
            (true, ..) => "j",
            (false, true, 2) => "k",
            (false, ..) => "g",
        };
        self.presses += 1;
        let pressed = deck.press(key);
        let Some(shown) = deck.wait(|deck| selected(deck) != before) else { return false };
        times.push(shown.saturating_duration_since(pressed));
        // The presses come at all places between two frames, as a person's do.
        let pause = 3 + self.presses * 7 % 17;
        deck.listen(Duration::from_millis(pause as u64));
        true
    }
}

/// Returns the name under the cursor of the tree.
fn selected(deck: &Terminal) -> Option<String> {
    let row = deck.rows().into_iter().find(|row| row.starts_with('▌'))?;
    row.trim_start_matches(['▌', '▸', '▾', ' ']).split_whitespace().next().map(str::to_owned)
}

/// Returns the number of the tree's rows on the screen.
fn tree_rows(deck: &Terminal) -> usize {
    let domain = |row: &String| row.chars().take(12).any(|sign| sign == '▸' || sign == '▾');
    deck.rows().iter().filter(|row| domain(row)).count()
}

/// Counts the bytes that are sent for one step of the cursor, and while nothing happens.
pub(super) fn bytes(place: &Place<'_>, report: &mut Report) {
    let mut deck = place.open(&[]);
    if deck.wait(has_rows).and_then(|_| deck.wait(is_live)).is_none() {
        return report.broken(&deck.never_showed("that it is live"));
    }
    deck.listen(SILENCE);
    // The first domain, unfolded; then along its zones.
    for key in ["j", "l", "j"] {
        deck.press(key);
        deck.listen(SILENCE);
    }
    let in_tree = count_steps(&mut deck);
    deck.press("\t");
    deck.listen(SILENCE);
    let in_records = count_steps(&mut deck);
    let idle = deck.listen(Duration::from_secs(2));
    drop(deck);
    for (what, ours, peer) in [
        ("bytes of a step in the tree", in_tree, ranger(place, true)),
        ("bytes of a step in the records", in_records, ranger(place, false)),
    ] {
        let (peer, aim) = match &peer {
            None => (Peer::skipped("ranger"), Aim::None),
            Some(peer) => {
                let (ours, theirs) = (median(ours.clone()), median(peer.clone()));
                #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
                let ratio = ours as f64 / theirs.max(1) as f64;
                let told = format!("ranger {}", spread(peer));
                (Peer { told, ratio: format!("{ratio:.2} times") }, Aim::Met(ours < theirs, "fewer"))
            }
        };
        report.row(what, &spread(&ours), &peer, aim);
    }
    report.row("bytes while idle for 2 s", &idle.to_string(), &Peer::none(), Aim::Met(idle == 0, "none"));
}

/// Writes the median, with the least and the greatest number.
fn spread(bytes: &[u64]) -> String {
    let (least, most) = (bytes.iter().min().copied(), bytes.iter().max().copied());
    format!("{} ({}..{})", median(bytes.to_vec()), least.unwrap_or_default(), most.unwrap_or_default())
}

fn count_steps(program: &mut Terminal) -> Vec<u64> {
    let step = |_| {
        program.press("j");
        program.listen(SILENCE) as u64
    };
    (0..STEPS).map(step).collect()
}

/// Does the same steps in Debian's ranger, in a directory of the same names: of zones with hosts in them, or of
/// hosts.
fn ranger(place: &Place<'_>, zones: bool) -> Option<Vec<u64>> {
    let directory = place.home.join(if zones { "zones" } else { "hosts" });
    for zone in 0..100 {
        if zones {
            fs::create_dir_all(directory.join(format!("zone{zone:04}"))).ok()?;
            for host in 0..10 {
                fs::write(directory.join(format!("zone{zone:04}/host{host:06}")), "").ok()?;
            }
        } else {
            fs::create_dir_all(&directory).ok()?;
            fs::write(directory.join(format!("host{zone:06}")), "").ok()?;
        }
    }
    let mut ranger = Terminal::start("/usr/bin/env", &["ranger", "--clean", directory.to_str()?], place.home);
    let name = if zones { "zone0009" } else { "host000009" };
    ranger.wait(|screen| screen.text().contains(name))?;
    ranger.listen(Duration::from_secs(1));
    ranger.press("j");
    ranger.listen(SILENCE);
    Some(count_steps(&mut ranger))
}
