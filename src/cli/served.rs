//! Served answers after a change: the configured servers are asked until they give the new ones.
use super::{
    answer,
    arguments::{Consent, JudgeFlags},
    command_error::CommandError,
    output::{say, say_safely},
};
use crate::{
    config::Settings,
    dns::{Agreement, Impact, agreement},
    foreign_text::ForeignText,
    quantity::{counted, span},
    signals::Ending,
    store::Reader,
    verify::{AwaitedAnswer, Last, until_there},
};
use serde::Serialize;
use std::{net::SocketAddr, time::Duration};

/// The time for the answers if a profile has `verify_after`.
const BY_PROFILE: Duration = Duration::from_secs(60);
/// The most missing answers of each server that are named.
const MOST_NAMED: usize = 10;

/// Servers that are asked after a change, and the time for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Afterwards {
    servers: Vec<SocketAddr>,
    limit: Duration,
}

/// Answers of the servers after a change.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ServerAnswers {
    Asked(Vec<ServedLine>),
    /// The questions were broken off, or could not begin.
    Unknown,
}

/// Answers of one server after a change, as `-o json` prints them. The names of the fields are stable.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ServedLine {
    server: String,
    /// True if it gives every new answer.
    there: bool,
    behind: Vec<BehindLine>,
}

/// Answer that a server does not give yet.
#[derive(Clone, Debug, Serialize)]
struct BehindLine {
    name: String,
    r#type: String,
    verdict: &'static str,
    /// The seconds for which its cache may keep its reply; `null` if that time is over or is not known.
    cached_for: Option<u64>,
    message: String,
}

impl Afterwards {
    /// Returns the servers and the time; `None` if nobody has asked for it.
    ///
    /// # Errors
    /// It was asked for on the command line, and there is no server to ask.
    pub(super) fn of(settings: &Settings, consent: &Consent) -> Result<Option<Self>, CommandError> {
        let limit = match consent.wait {
            Some(limit) => limit,
            None if settings.verify_after.is_some() => BY_PROFILE,
            None => return Ok(None),
        };
        let servers: Vec<SocketAddr> = settings.servers().into_iter().map(|server| server.0).collect();
        match (servers.is_empty(), consent.wait) {
            (false, _) => Ok(Some(Self { servers, limit })),
            (true, Some(_)) => Err(CommandError::usage(
                "no server is known to ask afterwards",
                "Name some as dns_servers in the profile, or give a Corefile; or leave --wait away.",
            )),
            (true, None) => {
                say("coredeck: warning: verify_after is set, and no server is known to ask");
                Ok(None)
            }
        }
    }

    /// Asks until every server gives every new answer.
    pub(super) async fn wait<R: Reader>(
        &self,
        reader: &R,
        settings: &Settings,
        impact: Option<&Impact>,
    ) -> ServerAnswers {
        let Some(impact) = impact else {
            say("coredeck: no server is asked: which answers change is not known");
            return ServerAnswers::Unknown;
        };
        let wanted = AwaitedAnswer::of(impact);
        if wanted.is_empty() {
            say("coredeck: no answer changes, so no server is asked");
            return ServerAnswers::Asked(vec![]);
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
                return ServerAnswers::Unknown;
            }
        };
        for last in last.iter_mut().filter(|last| !last.is_there) {
            look_again(reader, settings, last).await;
        }
        ServerAnswers::Asked(self.servers.iter().map(|server| line(*server, &last, wanted.len())).collect())
    }
}

/// Waits for a signal that ends a command outside of a change.
async fn interrupted() {
    // The change has caught these signals, so that by themselves they end nothing any more.
    match Ending::listen() {
        Ok(mut ending) => {
            let _ = ending.next().await;
        }
        Err(_) => std::future::pending().await,
    }
}

/// Compares again with the present records: if others have changed them since, another answer is wanted by now.
async fn look_again<R: Reader>(reader: &R, settings: &Settings, last: &mut Last) {
    let question = &last.verdict.answer.question;
    // If the present answer cannot be worked out, the earlier one stays wanted.
    if let Ok(now) = answer::ask(reader, settings, &JudgeFlags::default(), question).await {
        let agreement = agreement(&now.value, last.verdict.reply());
        last.is_there = matches!(agreement, Agreement::Same | Agreement::OtherTtl)
            && now.value.answer != last.verdict.answer.answer;
    }
}

/// Reports the answers that a server does not give, and returns them for JSON.
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

impl ServerAnswers {
    /// Tells whether every server gives every new answer; false if that is not known.
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
