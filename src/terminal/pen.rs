//! Pen with colours and attributes (SGR, ECMA-48 section 8.3.117).
use super::paint::sequence;
use ratatui::style::{Color, Modifier, Style};

/// Style that the terminal draws with now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// Attributes with the numbers that switch each one on and off. Bold and dim go off together.
const ATTRIBUTES: [(Modifier, u16, u16); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl Pen {
    fn of(style: &Style) -> Self {
        Self {
            fg: style.fg.unwrap_or_default(),
            bg: style.bg.unwrap_or_default(),
            modifier: style.add_modifier,
        }
    }

    /// Tells whether the pen draws in this style.
    pub(super) fn draws(self, style: &Style) -> bool {
        self == Self::of(style)
    }

    /// Changes to another style, by the shorter way: from the present one, or from nothing.
    pub(super) fn change(&mut self, style: &Style, out: &mut Vec<u8>) {
        let to = Self::of(style);
        if *self == to {
            return;
        }
        let (mut from_here, mut anew) = (Vec::new(), Vec::new());
        sequence(&mut from_here, &self.steps(to), b'm');
        let steps = Self::default().steps(to);
        if steps.is_empty() {
            sequence(&mut anew, &[], b'm');
        } else {
            sequence(&mut anew, &[&[0], steps.as_slice()].concat(), b'm');
        }
        out.extend_from_slice(if anew.len() < from_here.len() { &anew } else { &from_here });
        *self = to;
    }

    fn steps(self, to: Self) -> Vec<u16> {
        let mut steps = Vec::new();
        let mut on = self.modifier;
        // For some terminals bold and dim are two strengths of one attribute, so both are set anew.
        let strength = Modifier::BOLD | Modifier::DIM;
        if on.intersects(strength) && (on ^ to.modifier).intersects(strength) {
            steps.push(22);
            on -= strength;
        }
        for (attribute, _, off) in ATTRIBUTES {
            if (on - to.modifier).contains(attribute) {
                steps.push(off);
                for (also, _, same) in ATTRIBUTES {
                    if same == off {
                        on -= also;
                    }
                }
            }
        }
        steps.extend(
            ATTRIBUTES
                .iter()
                .filter(|(attribute, ..)| (to.modifier - on).contains(*attribute))
                .map(|(_, switch, _)| *switch),
        );
        if self.fg != to.fg {
            colour(&mut steps, to.fg, 30);
        }
        if self.bg != to.bg {
            colour(&mut steps, to.bg, 40);
        }
        steps
    }
}

/// Adds a colour as the foreground (`base` 30) or the background (40).
fn colour(steps: &mut Vec<u16>, colour: Color, base: u16) {
    match colour {
        Color::Reset => steps.push(base + 9),
        Color::Black => steps.push(base),
        Color::Red => steps.push(base + 1),
        Color::Green => steps.push(base + 2),
        Color::Yellow => steps.push(base + 3),
        Color::Blue => steps.push(base + 4),
        Color::Magenta => steps.push(base + 5),
        Color::Cyan => steps.push(base + 6),
        Color::Gray => steps.push(base + 7),
        Color::DarkGray => steps.push(base + 60),
        Color::LightRed => steps.push(base + 61),
        Color::LightGreen => steps.push(base + 62),
        Color::LightYellow => steps.push(base + 63),
        Color::LightBlue => steps.push(base + 64),
        Color::LightMagenta => steps.push(base + 65),
        Color::LightCyan => steps.push(base + 66),
        Color::White => steps.push(base + 67),
        Color::Indexed(number) => steps.extend([base + 8, 5, u16::from(number)]),
        Color::Rgb(red, green, blue) => {
            steps.extend([base + 8, 2, u16::from(red), u16::from(green), u16::from(blue)]);
        }
    }
}
