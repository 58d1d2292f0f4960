//! Faults of members and lines, and how they are mended.
use crate::{
    lab::Lab,
    proxy::{Line, Proxy},
    space,
};
use etcd_client::AlarmType;
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    FollowerDies,
    LeaderDies,
    TwoDie,
    LeaderHandsOver,
    /// Its process is stopped, with all sockets open.
    FollowerHangs,
    Line(Line),
    /// The NOSPACE alarm is raised.
    NoSpace,
    /// The CORRUPT alarm is raised.
    Corrupt,
    /// Another writer takes the last space between etcd's look at its quota and the write (`space.rs`). Only in a
    /// cluster that was made for it.
    SpaceRunsOut,
}

impl Fault {
    /// Faults that can hit any cluster.
    pub const ALL: [Self; 11] = [
        Self::FollowerDies,
        Self::LeaderDies,
        Self::TwoDie,
        Self::LeaderHandsOver,
        Self::FollowerHangs,
        Self::Line(Line::Reset),
        Self::Line(Line::HalfClosed),
        Self::Line(Line::BlackHole),
        Self::Line(Line::Late),
        Self::NoSpace,
        Self::Corrupt,
    ];

    /// Returns the member that the program has to ask first, so that the fault hits it.
    pub fn member(self, lab: &Lab) -> usize {
        let leader = lab.cluster.leader();
        match self {
            Self::LeaderDies | Self::LeaderHandsOver | Self::TwoDie | Self::SpaceRunsOut => leader,
            Self::FollowerDies | Self::FollowerHangs | Self::Line(_) | Self::NoSpace | Self::Corrupt => {
                other(leader)
            }
        }
    }

    /// Starts the fault at a member, and on the line to it.
    pub fn strike(self, lab: &mut Lab, member: usize, line: &Proxy) {
        match self {
            Self::FollowerDies | Self::LeaderDies => lab.cluster.kill(member),
            Self::TwoDie => {
                lab.cluster.kill(member);
                lab.cluster.kill(other(member));
            }
            Self::LeaderHandsOver => lab.hand_over(member, other(member)),
            Self::FollowerHangs => lab.cluster.pause(member),
            Self::NoSpace => lab.cluster.raise(AlarmType::Nospace),
            Self::Corrupt => lab.cluster.raise(AlarmType::Corrupt),
            Self::SpaceRunsOut => return space::runs_out(lab, member, line),
            Self::Line(_) => {}
        }
        line.become_(if let Self::Line(is) = self { is } else { Line::Fine });
    }

    /// Ends the fault; the line stays as it is.
    pub fn mend(self, lab: &mut Lab, member: usize) {
        match self {
            Self::FollowerDies | Self::LeaderDies => lab.cluster.restart(member),
            Self::TwoDie => {
                lab.cluster.restart(member);
                lab.cluster.restart(other(member));
            }
            Self::FollowerHangs => lab.cluster.resume(member),
            Self::NoSpace | Self::Corrupt => drop(lab.cluster.etcdctl(&["alarm", "disarm"])),
            Self::SpaceRunsOut => space::make_room(lab),
            Self::LeaderHandsOver | Self::Line(_) => {}
        }
    }
}

fn other(member: usize) -> usize {
    (member + 1) % 3
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FollowerDies => "the follower dies",
            Self::LeaderDies => "the leader dies",
            Self::TwoDie => "two die",
            Self::LeaderHandsOver => "the leader hands over",
            Self::FollowerHangs => "the follower hangs",
            Self::NoSpace => "a NOSPACE alarm",
            Self::Corrupt => "a CORRUPT alarm",
            Self::SpaceRunsOut => "the space runs out",
            Self::Line(Line::Reset) => "its line is cut",
            Self::Line(Line::HalfClosed) => "its line is half closed",
            Self::Line(Line::BlackHole) => "its line drops everything",
            Self::Line(Line::Late) => "its line is late",
            Self::Line(Line::Fine | Line::Lurking(_) | Line::Held(_)) => "nothing",
        })
    }
}
