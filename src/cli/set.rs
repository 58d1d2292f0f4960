use super::{
    Exit,
    arguments::ChangeFlags,
    change,
    fields::FieldFlags,
    output::Screen,
    session::{Session, Store},
    target::Target,
    trouble::Trouble,
};
use crate::{
    dns::{Name, RecordType},
    keys::{Scope, ScopedKey},
    plan::Intent,
    store::Reader,
};

/// Adds a record to a name, or creates or edits the one at a key.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    target: &str,
    fields: &FieldFlags,
    flags: &ChangeFlags,
) -> Result<Exit, Trouble> {
    let scope = session.scope();
    match Target::parse(scope, target)? {
        Target::Root => Err(Trouble::usage("the root holds no records", "Give a name such as gcr.io.")),
        Target::Name { name, key } => {
            let intent = addition(scope, &name, key, fields)?;
            change::make(session, session.for_changes().await?, screen, intent, flags).await
        }
        Target::Key(_) if fields.names_a_place() => Err(Trouble::usage(
            "--leaf, --own and --keep-own say where a name's new record goes, and a key is a place itself",
            "Give a name, or leave the option away.",
        )),
        Target::Key(key) => {
            let whole = fields.whole_value(scope, &key).transpose()?;
            let doors = session.for_changes().await?;
            let stored =
                doors.reader.read(std::slice::from_ref(&key), None).await?.records.into_iter().next();
            if let (Some(_), Some(_)) = (&stored, fields.lease) {
                return Err(Trouble::usage(
                    format!("{key} exists, and a record keeps the lease that it has, or none"),
                    "Leave --lease away, or delete the record and set it anew.",
                ));
            }
            let lease = fields.grant();
            let intent = match (stored, whole) {
                // What was read is what the edit is based on: a change since then is a conflict.
                (Some(base), Some(value)) => Intent::Edit { base, value },
                (Some(base), None) => {
                    let value = fields.changed_value(scope, &base)?;
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

fn addition(scope: &Scope, name: &Name, key: ScopedKey, fields: &FieldFlags) -> Result<Intent, Trouble> {
    let (value, kind) = if let Some(value) = fields.whole_value(scope, &key) {
        (value?, name.is_reverse().then_some(RecordType::Ptr))
    } else {
        let (value, kind) = fields.new_value(name)?;
        (value, Some(kind))
    };
    let place = fields.place(kind)?;
    Ok(Intent::Add { name: key, place, own: fields.own_record(), value, lease: fields.grant() })
}
