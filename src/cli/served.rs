//! After a change: the configured servers are asked until they give the new answers.
use super::{
    answer,
    arguments::{Consent, JudgeFlags},
    output::{say, say_safely},
    trouble::Trouble,
};
use crate::{
    config::Settings,
    dns::{Agreement, Impact, agreement},
    foreign_text::ForeignText,
    quantity::{counted, span},
    signals::Ending,
    store::Reader,
    verify::{Last, Wanted, until_there},
};
use serde::Serialize;
use std::{net::SocketAddr, time::Duration};

/// For how long a profile that says `verify_after` has them asked.
const BY_PROFILE: Duration = Duration::from_secs(60);
/// Answers that stay behind and are named, of each server.
const MOST_NAMED: usize = 10;

/// The servers that are asked after a change, and the time for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Afterwards {
    servers: Vec<SocketAddr>,
    limit: Duration,
}

/// The servers' answers after a change.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Served {
    Asked(Vec<ServedLine>),
    /// The asking was broken off, or could not begin.
    Unknown,
}

/// One server's answers after a change, as `-o json` prints it. The names of the fields are stable.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ServedLine {
    server: String,
    /// Whether it gives every new answer.
    there: bool,
    behind: Vec<BehindLine>,
}

/// An answer that a server does not give yet.
#[derive(Clone, Debug, Serialize)]
struct BehindLine {
    name: String,
    r#type: String,
    verdict: &'static str,
    /// Seconds for which its cache may keep what it gives; `null` where that time is over or is not known.
    cached_for: Option<u64>,
    message: String,
}

impl Afterwards {
    /// `None` where nobody has asked for it.
    ///
    /// # Errors
    /// It was asked for on the command line, and there is nobody to ask.
    pub(super) fn of(settings: &Settings, consent: &Consent) -> Result<Option<Self>, Trouble> {
        let limit = match consent.wait {
            Some(limit) => limit,
            None if settings.verify_after.is_some() => BY_PROFILE,
            None => return Ok(None),
        };
        let servers: Vec<SocketAddr> = settings.servers().into_iter().map(|server| server.0).collect();
        match (servers.is_empty(), consent.wait) {
            (false, _) => Ok(Some(Self { servers, limit })),
            (true, Some(_)) => Err(Trouble::usage(
                "no server is known to ask afterwards",
                "Name some as dns_servers in the profile, or give a Corefile; or leave --wait away.",
            )),
            (true, None) => {
                say("coredeck: warning: verify_after is set, and no server is known to ask");
                Ok(None)
            }
        }
    }

    /// Asks until all is there.
    pub(super) async fn wait<R: Reader>(
        &self,
        reader: &R,
        settings: &Settings,
        impact: Option<&Impact>,
    ) -> Served {
        let Some(impact) = impact else {
            say("coredeck: no server is asked: which answers change is not known");
            return Served::Unknown;
        };
        let wanted = Wanted::of(impact);
        if wanted.is_empty() {
            say("coredeck: no answer changes, so no server is asked");
            return Served::Asked(vec![]);
        }
        say(format_args!(
            "coredeck: asking {} for {} until they are there, {} at most; Ctrl-C ends the asking, not the change",
            counted(self.servers.len(), "server"),
            counted(wanted.len(), "answer"),
            span(self.limit.as_secs())
        ));
        let there = |server: SocketAddr, took: Duration| {
            say(format_args!("coredeck: {server} gives the new answers after {:.1} s", took.as_secs_f64()));
        };
        let asking = until_there(&self.servers, &wanted, self.limit, there);
        let mut last = tokio::select! {
            last = asking => last,
            () = interrupted() => {
                say("coredeck: the asking was ended; the change is made");
                return Served::Unknown;
            }
        };
        for last in last.iter_mut().filter(|last| !last.is_there) {
            look_again(reader, settings, last).await;
        }
        Served::Asked(self.servers.iter().map(|server| line(*server, &last, wanted.len())).collect())
    }
}

/// Waits for what ends a command that is not in the middle of a change.
async fn interrupted() {
    // The change has caught them, so that they end nothing by themselves any more.
    match Ending::listen() {
        Ok(mut ending) => {
            let _ = ending.next().await;
        }
        Err(_) => std::future::pending().await,
    }
}

/// Somebody else may have changed it since: then what is wanted is another answer by now.
async fn look_again<R: Reader>(reader: &R, settings: &Settings, last: &mut Last) {
    let question = &last.verdict.answer.question;
    // Who cannot say what is wanted now leaves it at what was wanted.
    if let Ok(now) = answer::ask(reader, settings, &JudgeFlags::default(), question).await {
        let agreement = agreement(&now.value, last.verdict.reply());
        last.is_there = matches!(agreement, Agreement::Same | Agreement::OtherTtl)
            && now.value.answer != last.verdict.answer.answer;
    }
}

/// Says what a server does not give, and has it as JSON.
fn line(server: SocketAddr, all: &[Last], wanted: usize) -> ServedLine {
    let of_server = || all.iter().filter(|last| last.verdict.server == server);
    let behind: Vec<BehindLine> = of_server().filter(|last| !last.is_there).map(BehindLine::of).collect();
    let there = behind.is_empty() && of_server().count() == wanted;
    if !there {
        say(format_args!("coredeck: {server} stays behind:"));
        for line in behind.iter().take(MOST_NAMED) {
            say_safely(format!("  {} {}: {}", line.name, line.r#type, line.told()));
        }
        if behind.len() > MOST_NAMED {
            say(format_args!("  and {} more", behind.len() - MOST_NAMED));
        }
    }
    ServedLine { server: server.to_string(), there, behind }
}

impl Served {
    /// Whether every server gives every new answer; not so where that is not known.
    pub(super) fn is_everywhere(&self) -> bool {
        matches!(self, Self::Asked(lines) if lines.iter().all(|line| line.there))
    }
}

impl BehindLine {
    fn of(last: &Last) -> Self {
        let question = &last.verdict.answer.question;
        Self {
            name: question.spelled.to_string(),
            r#type: question.kind.to_string(),
            verdict: if last.verdict.reply().is_some() { "old" } else { "no_answer" },
            cached_for: last.cached_for.map(|left| left.as_secs()),
            message: ForeignText::from(last.verdict.in_words().as_str()).to_string(),
        }
    }

    fn told(&self) -> String {
        match self.cached_for {
            Some(seconds) => format!("{}; its cache may keep that for {seconds} s", self.message),
            None => self.message.clone(),
        }
    }
}
