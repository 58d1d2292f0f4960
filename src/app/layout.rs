//! Layout of the screen. Pure geometry, shared by scrolling and drawing.
use super::Pane;
use ratatui::layout::Rect;

/// The places of one screen. A pane that is not shown has no area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScreenLayout {
    pub header: Rect,
    pub banner: Rect,
    pub tree: Rect,
    /// The line between the tree and what is right of it.
    pub divider: Rect,
    pub records: Rect,
    pub record: Rect,
    pub message: Rect,
    /// The line below the message.
    pub served: Rect,
    pub footer: Rect,
}

/// Purpose of the line below the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Banner {
    None,
    /// A standing notice: it gives its line to the panes on the smallest screens; the header still names the scope.
    Standing,
    /// An accident that nobody has seen to: it keeps its line, whatever else has none.
    News,
}

/// Columns below which one pane is shown at a time.
const SIDE_BY_SIDE: u16 = 64;
/// Size below which nothing useful can be shown.
const SMALLEST: (u16, u16) = (24, 6);

impl ScreenLayout {
    /// The layout of a screen. `None` when it is too small for anything.
    #[must_use]
    pub fn of(width: u16, height: u16, (banner, served): (Banner, bool), focus: Pane) -> Option<Self> {
        if width < SMALLEST.0 || height < SMALLEST.1 {
            return None;
        }
        let has_room = height >= 9;
        let banner = u16::from(match banner {
            Banner::None => false,
            Banner::Standing => has_room,
            Banner::News => true,
        });
        let served = u16::from(served && has_room);
        let body = Rect::new(0, 1 + banner, width, height - 3 - banner - served);
        let mut layout = Self {
            header: Rect::new(0, 0, width, 1),
            banner: Rect::new(0, 1, width, banner),
            message: Rect::new(0, height - 2 - served, width, 1),
            served: Rect::new(0, height - 2, width, served),
            footer: Rect::new(0, height - 1, width, 1),
            ..Self::default()
        };
        if width < SIDE_BY_SIDE {
            match focus {
                Pane::Tree => layout.tree = body,
                Pane::Records => layout.records = body,
                Pane::Record => layout.record = body,
            }
            return Some(layout);
        }
        let tree_width = (width * 3 / 8).clamp(26, 60);
        layout.tree = Rect { width: tree_width, ..body };
        layout.divider = Rect { x: tree_width, width: 1, ..body };
        let right = Rect { x: tree_width + 1, width: width - tree_width - 1, ..body };
        // The record needs its fields and its JSON; more rows go to the list of records.
        let record_height = if body.height >= 30 { 14 } else { body.height / 2 };
        layout.records = Rect { height: right.height - record_height, ..right };
        layout.record = Rect { y: right.y + right.height - record_height, height: record_height, ..right };
        Some(layout)
    }

    /// The rows of a pane below its title.
    #[must_use]
    pub fn rows(pane: Rect) -> usize {
        usize::from(pane.height.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_place_overlaps_another_and_all_stay_on_the_screen() {
        for (width, height) in
            [(24, 6), (40, 10), (63, 9), (64, 12), (80, 24), (140, 40), (200, 60), (500, 200)]
        {
            for focus in [Pane::Tree, Pane::Records, Pane::Record] {
                let banners = [Banner::None, Banner::Standing, Banner::News];
                for lines in banners.into_iter().flat_map(|banner| [(banner, false), (banner, true)]) {
                    let l = ScreenLayout::of(width, height, lines, focus).unwrap();
                    let panes = [l.tree, l.divider, l.records, l.record];
                    let places =
                        [&[l.header, l.banner][..], &panes, &[l.message, l.served, l.footer]].concat();
                    let screen = Rect::new(0, 0, width, height);
                    for (i, a) in places.iter().enumerate() {
                        assert!(a.is_empty() || screen.intersection(*a) == *a, "{width}x{height} {a:?}");
                        for b in &places[i + 1..] {
                            assert!(
                                a.is_empty() || b.is_empty() || !a.intersects(*b),
                                "{width}x{height} {a:?} {b:?}"
                            );
                        }
                    }
                    assert_eq!(
                        places.iter().map(|p| u32::from(p.width) * u32::from(p.height)).sum::<u32>(),
                        u32::from(width) * u32::from(height)
                    );
                }
            }
        }
    }

    #[test]
    fn a_screen_of_no_size_has_no_layout() {
        assert_eq!(ScreenLayout::of(0, 0, (Banner::News, true), Pane::Tree), None);
        assert_eq!(ScreenLayout::of(1, 1, (Banner::News, true), Pane::Tree), None);
    }
}
