//! First contact that takes its time.
use super::{ODD_SIZES, SIZES, colours, compare, keep_picture, picture};
use crate::{
    failure::Failure,
    store::{Attempt, AttemptProgress},
    view::{Look, draw_connecting},
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::{fmt::Write as _, time::Duration};

fn attempts() -> Vec<Attempt> {
    let endpoint = |number: u8| format!("https://10.0.0.1{number}:2379");
    let timed_out = Failure::ConnectTimedOut { endpoint: endpoint(1), after: Duration::from_secs(2) };
    [AttemptProgress::Failed(timed_out), AttemptProgress::Asked, AttemptProgress::NotAsked]
        .into_iter()
        .zip(1..)
        .map(|(progress, number)| Attempt { endpoint: endpoint(number), progress })
        .collect()
}

fn drawn((width, height): (u16, u16), look: &Look) -> Buffer {
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    draw_connecting(&attempts(), Duration::from_millis(3_400), &mut buf, look);
    buf
}

#[test]
fn each_endpoint_says_what_it_has_come_to() {
    let mut pictures = String::new();
    for (width, height) in SIZES {
        let buf = drawn((width, height), &colours());
        writeln!(pictures, "== {width}x{height}\n{}", picture(&buf, None)).unwrap();
    }
    for (width, height) in [(80, 24), (140, 40)] {
        keep_picture(&format!("connecting-{width}x{height}"), &drawn((width, height), &colours()));
    }
    compare("connecting", &pictures);
}

#[test]
fn no_size_is_too_small_and_ascii_is_ascii() {
    for size in ODD_SIZES {
        let buf = drawn(size, &Look { ascii: true, ..colours() });
        assert!(buf.content.iter().all(|cell| cell.symbol().is_ascii()), "{size:?}");
    }
}
