//! Deck on a small set of records, driven as the runtime would drive it, without a store.
use crate::signpost::Aftermath;
use crate::{
    app::{
        CountCheck, DeckSession, Effect, Evidence, FeedMsg, Key, Liveness, Model, Msg, Noticed,
        PresentPicture, RequestId, RevisionCheck, RevisionWentBack, WorkerTask,
        rules::{Answered, KnownImpact, Linting, TypedFindings},
        update,
    },
    counts::{Counts, Held, Holder, Loss},
    dns::{Name, Serving, lint::Circumstances},
    etcdctl::Connection,
    failure::Failure,
    health::{Alarm, AlarmKind, Health, Member, MemberState, Vitals},
    index::{Batch, Index, Needle},
    keys::{ClusterId, KeyValue, LeaseId, Revision, Scope, TENANTS},
    ops::{Census, PrepareError},
    plan::{Gathered, Intent, Plan, Surroundings, ZoneKeys},
    power::{Authentication, Credential, Extent, Power, UserPermissions},
    store::{ClusterStatus, Neighbour, NeighbourKeys, WriteAccess},
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// Noon of a day, in UTC.
pub(super) fn noon() -> Timestamp {
    "2026-03-01T12:03:11Z".parse().unwrap()
}

pub(super) fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

pub(super) fn record(key: &[u8], value: &[u8], revision: i64) -> KeyValue {
    KeyValue {
        key: scope().key(key).unwrap(),
        value: value.into(),
        create_revision: Revision(revision - 40),
        mod_revision: Revision(revision),
        version: 1 + revision % 4,
        lease: LeaseId::new(if revision % 7 == 0 { 0x7587_8a3c_11aa_5501 } else { 0 }),
    }
}

/// Zones as an operator has them, and keys that nobody should have.
pub(super) fn records() -> Vec<KeyValue> {
    let mut records: Vec<KeyValue> = [
        ("/coredns/io/gcr/x1", r#"{"host":"172.25.52.217","ttl":60}"#),
        ("/coredns/io/gcr/x2", r#"{"host":"172.25.52.218","ttl":60}"#),
        ("/coredns/io/gcr/x3", r#"{"host":"2001:db8::52:217"}"#),
        ("/coredns/io/quay", r#"{"host":"172.25.52.220","ttl":3600}"#),
        ("/coredns/io/quay/cdn", r#"{"host":"cdn.quay.example.org"}"#),
        ("/coredns/org/example/apex/dns/apex/x1", r#"{"host":"10.0.0.1"}"#),
        ("/coredns/org/example/dns/apex/x1", r#"{"host":"10.0.0.10","ttl":300}"#),
        ("/coredns/org/example/dns/ns/ns1", r#"{"host":"10.0.0.53"}"#),
        (
            "/coredns/org/example/_tcp/_ldap/x1",
            r#"{"host":"ldap1.example.org","port":389,"priority":0,"weight":20,"owner":"directory team"}"#,
        ),
        (
            "/coredns/org/example/_tcp/_ldap/x2",
            r#"{"host":"ldap2.example.org","port":389,"priority":20,"weight":0}"#,
        ),
        ("/coredns/org/example/mx1", r#"{"host":"mail.example.org","mail":true,"priority":10,"ttl":86400}"#),
        ("/coredns/org/example/txt", r#"{"text":"v=spf1 include:_spf.example.org -all","ttl":300}"#),
        ("/coredns/org/example/www", r#"{"host":"lb.example.org"}"#),
        ("/coredns/org/example/broken", r#"{"host":"10.0.0.4","ttl":"60"}"#),
        ("/coredns/arpa/in-addr/10/0/0/1", r#"{"host":"gw.example.org"}"#),
        ("/coredns/arpa/in-addr/10/0/0/10", r#"{"host":"www.example.org"}"#),
        ("/coredns/org/example/sale/048b0377", r#"{"host":"10.0.0.77","targetstrip":1}"#),
        (
            "/coredns/org/example/a-sale/5e1c90aa",
            r#"{"text":"\"heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/shop/sale\"","targetstrip":1}"#,
        ),
    ]
    .into_iter()
    .zip(8795_i64..)
    .map(|((key, value), revision)| record(key.as_bytes(), value.as_bytes(), revision))
    .collect();
    for n in 1..=24 {
        let key = format!("/coredns/net/shop/web/x{n}");
        let value = format!(r#"{{"host":"10.1.0.{n}","ttl":30}}"#);
        records.push(record(key.as_bytes(), value.as_bytes(), 8813 + n));
    }
    records
}

/// Keys and values that would like to do something to the terminal.
pub(super) fn hostile() -> Vec<KeyValue> {
    let long = [b"/coredns/deep".as_slice(), &b"/x".repeat(120)].concat();
    vec![
        record(b"/coredns/bad/\x1b[2J/x1", b"{\"host\":\"\x1b]52;c;aGk=\x07\"}", 8001),
        record(b"/coredns/bad/\xff\xfe", b"\xff\xfe\x00\x1b[31mred", 8002),
        record(b"/coredns/bad//", b"", 8003),
        record(b"/coredns/bad/", "{\"text\":\"\u{202e}gro.elpmaxe \u{200b}\u{7f}\"}".as_bytes(), 8004),
        record(b"/coredns/bad/a.b", br#"{"text":"\u001b[2J\u202e"}"#, 8005),
        record("/coredns/bad/日本語".as_bytes(), "{\"host\":\"日本語.example.org\"}".as_bytes(), 8006),
        record(b"/coredns/bad/line\nbreak\tand\rmore", b"{\n\t\"host\":\r\n \"10.0.0.1\"}", 8007),
        record(b"/coredns/bad/\xc2\x9b31m", "{\"e\u{301}\":\"\u{9b}31m\"}".as_bytes(), 8008),
        record(&long, &b"z".repeat(5_000), 8009),
    ]
}

/// A cluster of three, of which nothing is wrong.
pub(super) fn well() -> Health {
    let member = |number: u64| {
        let vitals = Vitals {
            version: "3.5.30".to_owned(),
            db_size: Some(812 << 20),
            db_in_use: Some(644 << 20),
            leader: Some(1),
            revision: Revision(8_841),
            raft_term: 9,
            raft_index: 1_203_441,
            raft_applied: 1_203_441,
            ..Vitals::default()
        };
        Member {
            id: Some(number),
            name: format!("master-{number}"),
            endpoint: Some(format!("https://10.0.0.1{number}:2379")),
            learner: false,
            state: MemberState::Up(Some(vitals)),
        }
    };
    Health {
        at: noon(),
        cluster: Some(ClusterId(0x3f2a_9c1e_77d0_4b15)),
        members: (1..=3).map(member).collect(),
        listed: true,
        alarms: Some(vec![]),
        has_leader: None,
        endpoints: vec![],
        credential_ends: None,
    }
}

/// The same, with members that are down.
pub(super) fn without(down: &[usize]) -> Health {
    let mut health = well();
    for number in down {
        let member = &mut health.members[number - 1];
        let endpoint = member.endpoint.clone().unwrap();
        member.state = MemberState::Down(Failure::NothingListening { endpoint });
    }
    health
}

/// The same, with an alarm of the second member.
pub(super) fn with_alarm(kind: AlarmKind) -> Health {
    Health { alarms: Some(vec![Alarm { member: 2, kind }]), ..well() }
}

/// A deck on [`records`].
pub(super) fn live(size: (u16, u16)) -> Deck {
    Deck::showing(size, records(), false)
}

pub(super) fn unreachable() -> Failure {
    Failure::NothingListening { endpoint: "https://10.0.0.11:2379".into() }
}

#[derive(Debug)]
pub(super) struct Deck {
    pub(super) model: Model,
    /// Requests for plans that were not answered yet.
    asked: Vec<(RequestId, Intent)>,
    /// The consequences of a plan are not worked out.
    pub(super) slow: bool,
    pub(super) applying: Option<RequestId>,
    pub(super) verifying: Option<RequestId>,
    /// The shown picture that was sent to be compared with a list.
    shown: Option<PresentPicture>,
    /// Request to save a revision that was not answered yet.
    pub(super) rescued: Option<(RequestId, Revision, Box<crate::app::CompactedRecords>)>,
    /// Request to save all of etcd.
    pub(super) rescuing_all: Option<RequestId>,
    /// Request for a look at the past.
    pub(super) looking_back: Option<RequestId>,
    pub(super) looking_for_backup: Option<RequestId>,
    /// Request for the keys that an explained line hits.
    pub(super) counting: Option<RequestId>,
    /// Health that the cluster reports when it is asked.
    pub(super) health: Health,
}

impl Deck {
    /// A deck before anything was read.
    pub(super) fn opened(size: (u16, u16), read_only: bool) -> Self {
        let status = ClusterStatus {
            cluster: ClusterId(0x3f2a_9c1e_77d0_4b15),
            revision: Revision(8841),
            endpoint: "https://10.0.0.11:2379".into(),
            version: Some("3.5.30".into()),
            members: vec![],
            access: WriteAccess::Write,
            user: None,
        };
        let zones = ["gcr.io", "quay.io", "example.org", "shop.net", "10.in-addr.arpa"];
        let session = DeckSession {
            scope: scope(),
            label: "10.0.0.11:2379".into(),
            found: None,
            found_warning: None,
            meeting: None,
            if_another: None,
            profile: None,
            profiles: vec![],
            status,
            read_only: read_only.then(|| "--read-only was given".to_owned()),
            journal: "/var/lib/coredeck/journal.jsonl".into(),
            neighbours: None,
            keys: None,
            power: None,
            rescue_all: false,
            zones: vec![],
            serving: Serving::new(scope(), zones.map(|zone| Name::parse(zone).unwrap()).into()),
            every_top: false,
            circumstances: Circumstances::default(),
            given: vec![],
            etcdctl: Some(Connection {
                endpoints: vec!["https://10.0.0.11:2379".to_owned()],
                ..Connection::default()
            }),
            servers: vec!["10.96.0.10:53".parse().unwrap(), "10.96.0.11:53".parse().unwrap()],
            verify_after: false,
        };
        Self {
            model: Model::new(session, size, None),
            asked: vec![],
            slow: false,
            applying: None,
            verifying: None,
            shown: None,
            rescued: None,
            rescuing_all: None,
            looking_back: None,
            looking_for_backup: None,
            counting: None,
            health: well(),
        }
    }

    /// A deck that shows these records, live.
    pub(super) fn showing(size: (u16, u16), records: Vec<KeyValue>, read_only: bool) -> Self {
        let mut deck = Self::opened(size, read_only);
        let total = Some(records.len() as u64);
        deck.send(Msg::Feed(FeedMsg::Page { batch: Batch::encode(&scope(), records), total }));
        deck.send(Msg::Feed(FeedMsg::Listed { revision: Revision(8841), at: noon() }));
        deck.confirmed(8841, noon());
        deck.beside_kubernetes(Power {
            authentication: Authentication::On,
            credential: Credential::User("dns".to_owned()),
            reach: Extent::Granted(UserPermissions::default()),
            keys: None,
        });
        deck
    }

    /// Tells the deck whose keys are beside the scope, and the power of the credential over them.
    pub(super) fn beside_kubernetes(&mut self, power: Power) {
        let keys = NeighbourKeys::Counted(12_431);
        let kubernetes = Neighbour { tenant: *TENANTS.first().unwrap(), keys };
        self.send(Msg::Power(power));
        let counts = Counts { at: noon(), revision: Revision(8841), keys: BTreeMap::new() };
        let census =
            Census { counts, all: None, in_scope: 0, neighbours: vec![kubernetes], took: Duration::ZERO };
        let looked = CountCheck { census, losses: vec![], is_news: false, standing: None, accepted: 0 };
        self.send(Msg::Looked(Box::new(looked)));
    }

    /// Looks at everybody's keys: Kubernetes has lost these, and etcd still has them as they were, or not.
    pub(super) fn kubernetes_lost(&mut self, (then, now): (u64, u64), is_there: bool, at: Timestamp) {
        let held = |keys, at, revision| Held { keys, at, revision: Revision(revision) };
        let loss = Loss {
            whose: Holder::tenant(TENANTS.first().unwrap()),
            then: held(then, noon(), 8840),
            now: held(now, at, 8845),
            noticed: noon(),
        };
        let before = Revision(8841);
        let counts = Counts { at, revision: Revision(8845), keys: BTreeMap::new() };
        let census = Census { counts, all: None, in_scope: 0, neighbours: vec![], took: Duration::ZERO };
        let standing = Some(RevisionCheck { revision: before, is_there, at });
        let losses = vec![Noticed { loss, before: Some(before) }];
        let looked = CountCheck { census, losses, is_news: true, standing, accepted: 0 };
        self.send(Msg::Looked(Box::new(looked)));
    }

    /// Reads everything again, without a difference.
    pub(super) fn relisted(&mut self, at: &str) {
        let index = self.model.index.clone();
        self.read_again(index, Revision(8841), at.parse().unwrap());
    }

    /// Brings the progress of the watch up to a revision.
    pub(super) fn confirmed(&mut self, revision: i64, at: Timestamp) {
        let (revision, by) = (Revision(revision), Evidence::Watch);
        self.send(Msg::Feed(FeedMsg::Confirmed { revision, at, by }));
    }

    pub(super) fn read_again(&mut self, index: Index, revision: Revision, at: Timestamp) {
        self.read_again_after(None, index, revision, at);
        self.confirmed(revision.0, at);
    }

    /// Reads the scope again, before a watch has answered; `back` says that etcd has gone back.
    pub(super) fn read_again_after(
        &mut self,
        back: Option<RevisionWentBack>,
        index: Index,
        revision: Revision,
        at: Timestamp,
    ) {
        let seen = match &self.model.feed {
            Liveness::Live { revision, .. } | Liveness::Stale { revision: Some(revision), .. } => {
                Some(*revision)
            }
            Liveness::Loading { .. } | Liveness::Stale { revision: None, .. } => None,
        };
        self.send(Msg::Feed(FeedMsg::Relisting));
        let PresentPicture { records, followed_to } = self.shown.take().unwrap();
        let differences = records.differences(index.records(), revision, followed_to);
        let index = Box::new(index);
        let asked = false;
        self.send(Msg::Feed(FeedMsg::Relisted { index, revision, at, asked, differences, seen, back }));
    }

    pub(super) fn send(&mut self, msg: Msg) {
        for effect in update(&mut self.model, msg) {
            match effect {
                Effect::Worker(WorkerTask::Plan(request, intent)) => self.asked.push((request, intent)),
                Effect::Worker(WorkerTask::Work(request, order, records)) => {
                    let worked = order.work(&records, &AtomicBool::new(false));
                    self.send(Msg::Worked(request, worked));
                }
                Effect::Worker(WorkerTask::Apply(request, _)) => self.applying = Some(request),
                Effect::Worker(WorkerTask::Find(request, records, text)) => {
                    let found = Needle::new(&text).unwrap().search(&records, 1_000, &AtomicBool::new(false));
                    self.send(Msg::Found(request, found.unwrap()));
                }
                Effect::Worker(WorkerTask::Lease(request, lease)) => {
                    let left = Duration::from_secs(139);
                    self.send(Msg::Lease(request, lease, Ok(Some(left)), noon()));
                }
                Effect::Worker(WorkerTask::Answer(request, snapshot, name)) => {
                    let answered = Answered::of(&snapshot, &name, &AtomicBool::new(false));
                    self.send(Msg::Answered(request, Box::new(answered.unwrap())));
                }
                // The comparison takes its time.
                Effect::Worker(WorkerTask::Foresee(..)) if self.slow => {}
                Effect::Worker(WorkerTask::Foresee(request, snapshot, intent, plan)) => {
                    let foreseen = KnownImpact::of(&snapshot, (&intent, &plan), &AtomicBool::new(false));
                    self.send(Msg::Foreseen(request, Arc::new(foreseen.unwrap())));
                }
                Effect::Worker(WorkerTask::Lint(request, snapshot)) => {
                    let findings = Linting::look(&snapshot, &AtomicBool::new(false));
                    self.send(Msg::Linted(request, Arc::new(findings.unwrap())));
                }
                Effect::Worker(WorkerTask::LintTyped(request, snapshot, entry)) => {
                    let findings = TypedFindings::look(&snapshot, &entry, &AtomicBool::new(false));
                    self.send(Msg::LintedTyped(request, findings.unwrap()));
                }
                Effect::Worker(WorkerTask::LookForLosses(request)) => {
                    self.send(Msg::Aftermath(request, Box::new(Ok(Aftermath::default()))));
                }
                Effect::Worker(WorkerTask::Verify(request, ..) | WorkerTask::AskAfter(request, ..)) => {
                    self.verifying = Some(request);
                }
                Effect::Worker(WorkerTask::Compare(shown)) => self.shown = Some(shown),
                Effect::Worker(WorkerTask::RescueAll(request, _)) => self.rescuing_all = Some(request),
                Effect::Worker(WorkerTask::Rescue(request, at, lost)) => {
                    self.rescued = Some((request, at, lost));
                }
                Effect::Worker(
                    WorkerTask::Journal(request)
                    | WorkerTask::Entry(request, _)
                    | WorkerTask::LookBack(request, _)
                    | WorkerTask::History(request, _)
                    | WorkerTask::PutBack(request, ..)
                    | WorkerTask::Saved(request, ..)
                    | WorkerTask::Restore(request, ..)
                    | WorkerTask::Leases(request, _)
                    | WorkerTask::AsOf(request, _),
                ) => self.looking_back = Some(request),
                Effect::Worker(WorkerTask::CheckHealth) => {
                    self.send(Msg::Health(Box::new(self.health.clone())));
                }
                Effect::Worker(WorkerTask::Count(request, _)) => self.counting = Some(request),
                Effect::Worker(WorkerTask::LookForBackup(request)) => self.looking_for_backup = Some(request),
                Effect::Worker(
                    WorkerTask::LookAround(_)
                    | WorkerTask::AcceptLosses(_)
                    | WorkerTask::Prefer(..)
                    | WorkerTask::Backup
                    | WorkerTask::ReadAgain
                    | WorkerTask::Remember { .. }
                    | WorkerTask::CountNoMore,
                )
                | Effect::Terminal(_)
                | Effect::Leave(_) => {}
            }
        }
    }

    /// Presses keys, written as the key map writes them: `Enter`, `Ctrl-o`, `j`.
    pub(super) fn press(&mut self, keys: &[&str]) -> &mut Self {
        for key in keys {
            let (modifiers, key) = key
                .strip_prefix("Ctrl-")
                .map_or((KeyModifiers::NONE, *key), |key| (KeyModifiers::CONTROL, key));
            let code = match key {
                "Enter" => KeyCode::Enter,
                "Esc" => KeyCode::Esc,
                "Tab" => KeyCode::Tab,
                "Down" => KeyCode::Down,
                "Right" => KeyCode::Right,
                "Backspace" => KeyCode::Backspace,
                "PgDn" => KeyCode::PageDown,
                "F1" => KeyCode::F(1),
                key => KeyCode::Char(key.chars().next().unwrap()),
            };
            self.send(Msg::Key(Key { event: KeyEvent::new(code, modifiers), in_burst: false }));
        }
        self
    }

    pub(super) fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let event = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
            self.send(Msg::Key(Key { event, in_burst: false }));
        }
        self
    }

    /// Goes to a key by the palette.
    pub(super) fn go(&mut self, target: &str) -> &mut Self {
        self.press(&[":"]).type_text(&format!("go {target}")).press(&["Enter"])
    }

    /// Answers the requests with the records that the deck shows.
    pub(super) fn answer(&mut self) -> &mut Self {
        for (request, intent) in std::mem::take(&mut self.asked) {
            let planned = self.plan(intent);
            self.send(Msg::Planned(request, planned));
        }
        self
    }

    /// Opens the dialog for an intent that comes from elsewhere.
    pub(super) fn review(&mut self, intent: Intent) -> &mut Self {
        let request = RequestId(9_999);
        let dialog = crate::app::overlay::ChangeDialog::of(intent.clone(), request);
        self.model.overlays.push(crate::app::overlay::Overlay::Change(Box::new(dialog)));
        self.asked.push((request, intent));
        self
    }

    /// Answers with a failure.
    pub(super) fn fail(&mut self, failure: &Failure) -> &mut Self {
        for (request, _) in std::mem::take(&mut self.asked) {
            self.send(Msg::Planned(request, Err(PrepareError::Failure(failure.clone()))));
        }
        self
    }

    /// Answers as if somebody else had written all keys that are asked for.
    pub(super) fn somebody_was_faster(&mut self, value: &str) -> &mut Self {
        for (request, intent) in std::mem::take(&mut self.asked) {
            let Intent::Edit { base, .. } = &intent else { panic!("only an edit can conflict") };
            let mut theirs = base.clone();
            theirs.mod_revision = Revision(8850);
            theirs.value = value.as_bytes().into();
            self.model.index.put(&theirs);
            let planned = self.plan(intent);
            self.send(Msg::Planned(request, planned));
        }
        self
    }

    fn plan(&self, intent: Intent) -> Result<Plan, PrepareError> {
        let wants = intent.wants(&scope());
        let records = self.model.index.records();
        let mut found: Vec<KeyValue> =
            wants.keys.iter().filter_map(|key| records.get(key.as_bytes())).collect();
        found.extend(wants.range.iter().flat_map(|range| records.range(range)));
        found.sort_by(|a, b| a.key.cmp(&b.key));
        let deleted = found.len() as u64;
        let zones =
            vec![ZoneKeys { zone: "net".into(), keys: 24, deleted: if deleted == 24 { 24 } else { 0 } }];
        let around = Surroundings { scope_keys: records.len() as u64, zones };
        let cluster = self.model.session.status.cluster;
        let below = wants.counted.map_or(0, |range| records.count(&range) as u64);
        let gathered = Gathered { cluster, at: Revision(8841), found, below, around };
        Ok(intent.plan(gathered, &scope())?)
    }
}
