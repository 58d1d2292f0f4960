use super::{
    Exit, arguments::ChangeFlags, change, command_error::CommandError, fields::FieldFlags, output::Screen,
    target::TargetArgument,
};
use crate::{
    dns::{Name, ReadPart, RecordType},
    keys::ScopedKey,
    ops::{ImplicitZones, settle},
    plan::Intent,
    remedy::Remedy,
    session::{Session, Store},
    store::Reader,
};

/// Adds a record to a name, or creates or edits the one at a key.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    target: &str,
    fields: &FieldFlags,
    flags: &ChangeFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    match TargetArgument::parse(scope, target)? {
        TargetArgument::Root => {
            Err(CommandError::usage("the root holds no records", "Give a name such as gcr.io."))
        }
        TargetArgument::Name { name, key } => {
            let addition = Addition::of(&name, fields)?;
            let doors = session.for_changes().await?;
            let intent = addition.intent(session, &doors.reader, (&name, key), fields).await?;
            change::make(session, doors, screen, intent, flags).await
        }
        TargetArgument::Key(_) if fields.names_a_place() => Err(CommandError::usage(
            "--leaf, --own and --keep-own say where a name's new record goes, and a key is a place itself",
            "Give a name, or leave the option away.",
        )),
        TargetArgument::Key(key) => {
            let whole = fields.whole_value().transpose()?;
            let doors = session.for_changes().await?;
            let name = Name::of_key(scope, &key);
            if fields.asks_for(RecordType::Ns) && servers_of(session, &doors.reader, &name).await? != name {
                return Err(CommandError::usage(
                    format!(
                        "{key} is no place of a name server: CoreDNS looks for those below dns/ns of their zone"
                    ),
                    format!("Give the zone's name: coredeck set {name} --type NS --host ADDRESS."),
                ));
            }
            let stored =
                doors.reader.read(std::slice::from_ref(&key), None).await?.records.into_iter().next();
            if let (Some(_), Some(_)) = (&stored, fields.lease) {
                return Err(CommandError::usage(
                    format!("{key} exists, and a record keeps the lease that it has, or none"),
                    "Leave --lease away, or delete the record and set it anew.",
                ));
            }
            let lease = fields.grant();
            let intent = match (stored, whole) {
                // The edit is based on the record that was read: a change since then is a conflict.
                (Some(base), Some(value)) => Intent::Edit { base, value },
                (Some(base), None) => {
                    let value = fields.changed_value((scope, &session.settings.named_zones()), &base)?;
                    Intent::Edit { base, value }
                }
                (None, Some(value)) => Intent::Create { key, value, lease },
                (None, None) => {
                    let (value, _) = fields.new_value(&Name::of_key(scope, &key))?;
                    Intent::Create { key, value, lease }
                }
            };
            change::make(session, doors, screen, intent, flags).await
        }
    }
}

/// Addition of one record to a name.
struct Addition {
    value: Box<[u8]>,
    /// The type; `None` if only the value shows it.
    kind: Option<RecordType>,
}

impl Addition {
    fn of(name: &Name, fields: &FieldFlags) -> Result<Self, CommandError> {
        if let Some(value) = fields.whole_value() {
            return Ok(Self { value: value?, kind: name.is_reverse().then_some(RecordType::Ptr) });
        }
        let (value, kind) = fields.new_value(name)?;
        Ok(Self { value, kind: Some(kind) })
    }

    /// Returns the intent. A name server goes below `dns/ns` of its zone, everything else below the name.
    async fn intent<S: Store>(
        self,
        session: &Session<S>,
        reader: &S::Reader,
        (name, key): (&Name, ScopedKey),
        fields: &FieldFlags,
    ) -> Result<Intent, CommandError> {
        let Self { value, kind } = self;
        let key = if kind == Some(RecordType::Ns) {
            servers_of(session, reader, name).await?.key(session.scope())?
        } else {
            key
        };
        let place = fields.place(kind)?;
        Ok(Intent::Add { name: key, place, own: fields.own_record(), value, lease: fields.grant() })
    }
}

/// Returns the name below which the servers of a zone stand.
async fn servers_of<S: Store>(
    session: &Session<S>,
    reader: &S::Reader,
    name: &Name,
) -> Result<Name, CommandError> {
    let settings = &session.settings;
    let tops = ImplicitZones::met(reader, settings, name).await?;
    let ask = |known: &ReadPart| settings.serving(tops.near(settings, known, [name]));
    let serving = settle(reader, session.scope(), ask).await?.value;
    serving.servers_of(name).map_err(|none| CommandError::usage(&none, none.remedy()))
}
