//! Fields of a record, as options.
use super::command_error::CommandError;
use crate::{
    config::duration,
    dns::{Field, Name, Record, RecordDraft, RecordType, Service, Value},
    keys::{KeyValue, Scope},
    plan::{LeaseGrant, OwnRecord, RecordPlace},
};
use clap::Args;
use std::{net::IpAddr, time::Duration};

/// What `set` takes beside a name or key.
#[derive(Clone, Debug, Default, Args)]
pub struct FieldFlags {
    /// Address, or the host name that the record points to
    #[arg(long, help_heading = "Fields")]
    pub host: Option<String>,
    /// A, AAAA, CNAME, SRV, MX, TXT, PTR or NS [default: what the fields say]
    #[arg(long = "type", value_name = "TYPE", help_heading = "Fields")]
    pub kind: Option<String>,
    /// Seconds, 0 to 2147483647; CoreDNS takes 0 for its default, 300
    #[arg(long, value_name = "N", help_heading = "Fields")]
    pub ttl: Option<String>,
    /// 0 to 65535; makes an SRV record
    #[arg(long, value_name = "N", help_heading = "Fields")]
    pub port: Option<String>,
    /// Of SRV and MX, 0 to 65535; CoreDNS serves 0 as 10
    #[arg(long, value_name = "N", help_heading = "Fields")]
    pub priority: Option<String>,
    /// Of SRV, 0 to 65535; CoreDNS takes 0 for 100
    #[arg(long, value_name = "N", help_heading = "Fields")]
    pub weight: Option<String>,
    /// Makes a TXT record
    #[arg(long, allow_hyphen_values = true, help_heading = "Fields")]
    pub text: Option<String>,
    /// Makes an MX record
    #[arg(long, help_heading = "Fields")]
    pub mail: bool,
    /// Labels to cut from the left of SRV, MX and NS targets
    #[arg(long, value_name = "N", help_heading = "Fields")]
    pub targetstrip: Option<String>,
    /// Only records of one group answer together
    #[arg(long, help_heading = "Fields")]
    pub group: Option<String>,
    /// The whole value, stored as it is given
    #[arg(long, value_name = "JSON", help_heading = "Fields", conflicts_with_all = [
        "host", "kind", "ttl", "port", "priority", "weight", "text", "mail", "targetstrip", "group",
    ])]
    pub json: Option<String>,
    /// Put it at this leaf of the name, not at the next free one
    #[arg(long, value_name = "LABEL", help_heading = "Place", conflicts_with = "own")]
    pub leaf: Option<String>,
    /// Put it at the name's own key, where CNAME and PTR queries look
    #[arg(long, help_heading = "Place")]
    pub own: bool,
    /// Leave a record at the name's own key there, though CoreDNS ignores it then
    #[arg(long, help_heading = "Place")]
    pub keep_own: bool,
    /// Put a new record under a lease of its own, so that it ends by itself: 90s, 10m, 2d
    #[arg(long, value_name = "TIME", help_heading = "Place", value_parser = lease)]
    pub lease: Option<Duration>,
}

/// The longest lease of a record: a user who wants a longer one wants none.
const LONGEST_LEASE: Duration = Duration::from_secs(10 * 365 * 86_400);
/// The shortest lease that etcd grants (1.5 times its election timeout, 1 s by default).
const SHORTEST_LEASE: Duration = Duration::from_secs(2);

fn lease(text: &str) -> Result<Duration, String> {
    let lease = duration(text, LONGEST_LEASE)?;
    if lease < SHORTEST_LEASE {
        Err("etcd lets no lease live shorter than 2 s".to_owned())
    } else {
        Ok(lease)
    }
}

impl FieldFlags {
    /// Returns the lease that is made for a new record.
    pub(super) fn grant(&self) -> Option<LeaseGrant> {
        self.lease.map(LeaseGrant::new)
    }

    /// Returns the value for a new record of `name`, and its type.
    pub(super) fn new_value(&self, name: &Name) -> Result<(Box<[u8]>, RecordType), CommandError> {
        if self.gives_nothing() {
            return Err(CommandError::usage("there is nothing to store", "Give --host, --text or --json."));
        }
        let kind = self.kind(name, None)?;
        let mut draft = RecordDraft::new(kind);
        self.fill(&mut draft)?;
        Ok((draft.value()?.to_bytes().into(), kind))
    }

    /// Returns the value that takes the place of a stored one.
    pub(super) fn changed_value(
        &self,
        (scope, zones): (&Scope, &[Name]),
        stored: &KeyValue,
    ) -> Result<Box<[u8]>, CommandError> {
        if self.gives_nothing() {
            return Err(CommandError::usage("there is nothing to change", "Give a field, or --json."));
        }
        let Some(draft) = RecordDraft::of_stored(zones, scope, &stored.key, &stored.value) else {
            let why = Record::read(zones, scope, &stored.key, &stored.value).data;
            return Err(CommandError::usage(
                format!("the fields of {} cannot be changed one by one: {why}", stored.key),
                "Give the whole value with --json.",
            ));
        };
        let kind = self.kind(&Name::of_key(scope, &stored.key), Some(draft.kind()))?;
        let mut draft = if kind == draft.kind() { draft } else { draft.with_kind(kind) };
        self.fill(&mut draft)?;
        Ok(draft.value()?.to_bytes().into())
    }

    /// Returns the bytes of `--json`, if they make a value that CoreDNS can use.
    pub(super) fn whole_value(&self) -> Option<Result<Box<[u8]>, CommandError>> {
        let json = self.json.as_deref()?;
        let checked = Value::parse(json.as_bytes()).and_then(|_| Service::decode(json.as_bytes()));
        Some(checked.map(|_| json.as_bytes().into()).map_err(|error| {
            CommandError::usage(
                format!("{error}; CoreDNS would answer SERVFAIL for this name"),
                "Give a JSON object such as '{\"host\":\"10.0.0.1\",\"ttl\":60}'.",
            )
        }))
    }

    /// Returns the place of a new record of `name`. Reverse names keep theirs at their own key, where PTR queries look.
    pub(super) fn place(&self, kind: Option<RecordType>) -> Result<RecordPlace, CommandError> {
        match &self.leaf {
            Some(label) => {
                match Name::parse(label).ok().as_ref().map(|name| name.labels().collect::<Vec<_>>()) {
                    Some(labels) if !label.contains('/') && !label.ends_with('.') => match &labels[..] {
                        [only] => Ok(RecordPlace::Leaf((*only).into())),
                        _ => Err(not_a_label(label)),
                    },
                    _ => Err(not_a_label(label)),
                }
            }
            None if self.own || kind == Some(RecordType::Ptr) => Ok(RecordPlace::Own),
            None if kind == Some(RecordType::Cname) => Ok(RecordPlace::OwnIfFree),
            None => Ok(RecordPlace::NextLeaf),
        }
    }

    pub(super) fn own_record(&self) -> OwnRecord {
        if self.keep_own { OwnRecord::Leave } else { OwnRecord::MoveToLeaf }
    }

    /// Tells whether an option was given that only names the place of a new record.
    pub(super) fn names_a_place(&self) -> bool {
        self.leaf.is_some() || self.own || self.keep_own
    }

    /// Tells whether this type was asked for by its name.
    pub(super) fn asks_for(&self, kind: RecordType) -> bool {
        self.kind.as_deref().and_then(RecordType::of_mnemonic) == Some(kind)
    }

    fn gives_nothing(&self) -> bool {
        self.given().next().is_none() && self.kind.is_none() && !self.mail
    }

    fn given(&self) -> impl Iterator<Item = (Field, &str)> {
        [
            (Field::Host, &self.host),
            (Field::Port, &self.port),
            (Field::Priority, &self.priority),
            (Field::Weight, &self.weight),
            (Field::Text, &self.text),
            (Field::Ttl, &self.ttl),
            (Field::TargetStrip, &self.targetstrip),
            (Field::Group, &self.group),
        ]
        .into_iter()
        .filter_map(|(field, text)| Some((field, text.as_deref()?)))
    }

    /// Returns the type that was asked for, or that the fields make of it.
    fn kind(&self, name: &Name, stored: Option<RecordType>) -> Result<RecordType, CommandError> {
        if let Some(text) = &self.kind {
            let kind = RecordType::of_mnemonic(text).ok_or_else(|| {
                CommandError::usage(
                    format!("there is no type {text} here"),
                    "Give A, AAAA, CNAME, SRV, MX, TXT, PTR or NS.",
                )
            })?;
            if self.mail && kind != RecordType::Mx {
                return Err(CommandError::usage(
                    format!("--mail makes an MX record, not {kind}"),
                    "Leave one of them away.",
                ));
            }
            return Ok(kind);
        }
        let address = self.host.as_deref().and_then(|host| host.parse::<IpAddr>().ok());
        let by_host = match address {
            Some(IpAddr::V4(_)) => RecordType::A,
            Some(IpAddr::V6(_)) => RecordType::Aaaa,
            None => RecordType::Cname,
        };
        let set = |field: &Option<String>| field.as_deref().is_some_and(|text| !text.is_empty());
        Ok(match stored {
            _ if self.mail => RecordType::Mx,
            // Among the types that have an address or a name and nothing else, the host decides.
            Some(RecordType::A | RecordType::Aaaa | RecordType::Cname) | None if set(&self.port) => {
                RecordType::Srv
            }
            Some(RecordType::A | RecordType::Aaaa | RecordType::Cname) if set(&self.host) => by_host,
            Some(kind) => kind,
            None if set(&self.text) => RecordType::Txt,
            None => {
                let suggested = RecordDraft::suggested(name);
                let reverse = suggested == RecordType::Ptr && address.is_none();
                if reverse || suggested == RecordType::Ns { suggested } else { by_host }
            }
        })
    }

    fn fill(&self, draft: &mut RecordDraft) -> Result<(), CommandError> {
        let kind = draft.kind();
        for (field, text) in self.given() {
            if !Field::of(kind).contains(&field) {
                return Err(CommandError::usage(
                    format!("a record of type {kind} has no {field}"),
                    "Leave the field away, give another --type, or the whole value with --json.",
                ));
            }
            draft.type_in(field, text);
        }
        Ok(())
    }
}

fn not_a_label(text: &str) -> CommandError {
    CommandError::usage(format!("{text:?} is not one label"), "Give a leaf such as x3.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        fields: FieldFlags,
    }

    fn flags(line: &str) -> FieldFlags {
        Line::try_parse_from(std::iter::once("set").chain(line.split(' '))).unwrap().fields
    }

    fn made(name: &str, line: &str) -> Result<(String, RecordType), CommandError> {
        let (value, kind) = flags(line).new_value(&Name::parse(name).unwrap())?;
        Ok((String::from_utf8(value.into()).unwrap(), kind))
    }

    #[test]
    fn the_fields_say_what_type_it_is() {
        use RecordType::*;
        for (name, line, kind, value) in [
            ("gcr.io", "--host 172.25.52.217 --ttl 60", A, r#"{"host":"172.25.52.217","ttl":60}"#),
            ("gcr.io", "--ttl 60 --host 2001:db8::1", Aaaa, r#"{"host":"2001:db8::1","ttl":60}"#),
            ("gcr.io", "--host quay.io", Cname, r#"{"host":"quay.io"}"#),
            ("a.io", "--host b.io --port 80 --weight 5", Srv, r#"{"host":"b.io","port":80,"weight":5}"#),
            ("a.io", "--mail --host b.io --priority 5", Mx, r#"{"host":"b.io","priority":5,"mail":true}"#),
            ("a.io", "--text -all", Txt, r#"{"text":"-all"}"#),
            ("1.0.0.10.in-addr.arpa", "--host a.io", Ptr, r#"{"host":"a.io"}"#),
            ("1.0.0.10.in-addr.arpa", "--host 10.0.0.1", A, r#"{"host":"10.0.0.1"}"#),
            ("a.ns.dns.a.io", "--host 10.0.0.1", Ns, r#"{"host":"10.0.0.1"}"#),
            ("a.io", "--type srv --host 10.0.0.1 --port 0", Srv, r#"{"host":"10.0.0.1","port":0}"#),
        ] {
            assert_eq!(made(name, line), Ok((value.to_owned(), kind)), "{name} {line}");
        }
    }

    #[test]
    fn what_makes_no_record_is_refused() {
        for line in [
            "--ttl 60",
            "--host 10.0.0.1 --weight 5",
            "--host 10.0.0.01",
            "--host 10.0.0.1 --ttl -1x",
            "--host a.io --mail --type A",
            "--type SOA --host a.io",
            "--host a.io --text b",
            "--leaf x1",
        ] {
            let fields = Line::try_parse_from(std::iter::once("set").chain(line.split(' ')));
            let made = fields.ok().map(|line| line.fields.new_value(&Name::parse("a.io").unwrap()));
            assert!(!matches!(made, Some(Ok(_))), "{line}");
        }
    }

    fn changed(stored: &str, line: &str) -> Result<String, CommandError> {
        let scope = Scope::parse("/coredns").unwrap();
        let stored = KeyValue {
            key: scope.spelled_key("/coredns/io/gcr/x1").unwrap(),
            value: stored.as_bytes().into(),
            create_revision: crate::keys::Revision(1),
            mod_revision: crate::keys::Revision(1),
            version: 1,
            lease: None,
        };
        let value = flags(line).changed_value((&scope, &[]), &stored)?;
        Ok(String::from_utf8(value.into()).unwrap())
    }

    #[test]
    fn an_edit_changes_the_given_fields_and_nothing_else() {
        for (stored, line, wanted) in [
            (
                r#"{"team":"a","ttl":60,"host":"10.0.0.1"}"#,
                "--ttl 5",
                r#"{"team":"a","ttl":5,"host":"10.0.0.1"}"#,
            ),
            (r#"{"host":"10.0.0.1","ttl":60}"#, "--ttl=", r#"{"host":"10.0.0.1"}"#),
            (r#"{"host":"10.0.0.1","ttl":60}"#, "--host ::1", r#"{"host":"::1","ttl":60}"#),
            (r#"{"host":"a.io"}"#, "--port 80", r#"{"host":"a.io","port":80}"#),
            (r#"{"host":"a.io","mail":true}"#, "--priority 5", r#"{"host":"a.io","mail":true,"priority":5}"#),
            (r#"{"text":"a"}"#, "--text b", r#"{"text":"b"}"#),
        ] {
            assert_eq!(changed(stored, line).as_deref(), Ok(wanted), "{stored} {line}");
        }
        assert!(changed("1.2.3.4", "--ttl 5").is_err());
    }

    #[test]
    fn a_leaf_is_one_label() {
        for (leaf, good) in [("x3", true), ("a.b", false), ("a/b", false), ("", false), ("x1.", false)] {
            let fields = FieldFlags { leaf: Some(leaf.to_owned()), ..FieldFlags::default() };
            assert_eq!(fields.place(None).is_ok(), good, "{leaf:?}");
        }
    }
}
