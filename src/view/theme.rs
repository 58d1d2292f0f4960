//! Styles by role, with the signs beside them: nothing is said by colour alone.
use super::Look;
use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

/// Role of a text, which decides its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    /// Borders, labels, and text for those who look for it.
    Quiet,
    Strong,
    /// The label of the cluster, as the operator calls it.
    Label,
    /// The place that keys go to: the selected row and the title of the pane that has the focus.
    Accent,
    /// A selected row. It changes with every step, and so it is not bold as well: each style is bytes to send.
    Selected,
    Warning,
    /// A warning that stays.
    Standing,
    Trouble,
    Added,
    Removed,
    /// The difference within a changed line.
    Differs,
    Writes,
    ReadOnly,
}

impl Look {
    /// The style of a role. Only the 16 colours, on the terminal's own background.
    pub(crate) fn style(&self, role: Role) -> Style {
        let colour = |colour: Color| if self.colour { Style::new().fg(colour) } else { Style::new() };
        match role {
            Role::Plain => Style::new(),
            Role::Quiet => Style::new().add_modifier(Modifier::DIM),
            Role::Selected if self.colour => colour(Color::Cyan),
            Role::Label => {
                self.label.map_or_else(Style::new, |label| colour(label).add_modifier(Modifier::BOLD))
            }
            Role::Strong | Role::Selected => Style::new().add_modifier(Modifier::BOLD),
            Role::Accent => colour(Color::Cyan).add_modifier(Modifier::BOLD),
            Role::Warning | Role::Writes => colour(Color::Yellow).add_modifier(Modifier::BOLD),
            Role::Standing => colour(Color::Yellow),
            Role::Trouble => colour(Color::Red).add_modifier(Modifier::BOLD),
            Role::Added => colour(Color::Green),
            Role::Removed => colour(Color::Red),
            Role::Differs => Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            Role::ReadOnly => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
        }
    }

    fn either(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }

    /// Sign before the selected row.
    pub(crate) fn marker(&self) -> &'static str {
        self.either("▌", ">")
    }

    pub(crate) fn folded(&self) -> &'static str {
        self.either("▸", ">")
    }

    pub(crate) fn unfolded(&self) -> &'static str {
        self.either("▾", "v")
    }

    pub(crate) fn horizontal(&self) -> &'static str {
        self.either("─", "-")
    }

    pub(crate) fn vertical(&self) -> &'static str {
        self.either("│", "|")
    }

    /// Sign at which the line between the panes leaves the first title.
    pub(crate) fn tee_down(&self) -> &'static str {
        self.either("┬", "+")
    }

    pub(crate) fn tee_right(&self) -> &'static str {
        self.either("├", "+")
    }

    /// Sign beside a marked row.
    pub(crate) fn marked(&self) -> &'static str {
        self.either("●", "*")
    }

    /// Sign beside a row below a marked name.
    pub(crate) fn marked_above(&self) -> &'static str {
        self.either("○", "o")
    }

    pub(crate) fn times(&self) -> &'static str {
        self.either("×", "x")
    }

    /// Sign for the end of a line, in a field that has one line.
    pub(crate) fn line_end(&self) -> &'static str {
        self.either("⏎", "\\n")
    }

    /// Sign for a cut.
    pub(crate) fn ellipsis(&self) -> &'static str {
        self.either("…", "..")
    }

    /// Signs round the chosen one of several choices.
    pub(crate) fn chosen(&self) -> [&'static str; 2] {
        if self.ascii { ["<", ">"] } else { ["‹", "›"] }
    }

    pub(crate) fn border(&self) -> border::Set<'static> {
        if self.ascii {
            border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            }
        } else {
            border::PLAIN
        }
    }
}
