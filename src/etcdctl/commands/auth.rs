//! Commands about users, roles and their permissions.
use super::{
    CAREFUL,
    CommandEffect::Told,
    Count::{AtLeast, Exactly},
    DANGEROUS, READS, Spec,
    flags::{FROM_KEY, PREFIX},
    spec,
};
use crate::etcdctl::{
    EtcdctlVersion,
    flag::{
        Flag,
        FlagKind::{Bool, Text},
    },
};

pub(super) const AUTH: &[Spec] = &[
    spec(
        "auth enable",
        &[],
        Exactly(0),
        Told(
            DANGEROUS,
            "turns authentication on: whoever has no user is locked out at once. A Kubernetes API server without a user of its \
              own stops working, and so does everything behind it",
        ),
    ),
    spec(
        "auth disable",
        &[],
        Exactly(0),
        Told(DANGEROUS, "turns authentication off: whoever reaches etcd may then read and delete every key"),
    ),
    spec("auth status", &[], Exactly(0), Told(READS, "says whether authentication is on"))
        .since(EtcdctlVersion::V3_5),
    spec(
        "user add",
        &[
            Flag::new("interactive", Bool),
            Flag::new("new-user-password", Text).since(EtcdctlVersion::V3_5),
            Flag::new("no-password", Bool),
        ],
        Exactly(1),
        Told(CAREFUL, "makes a user, who may do nothing until it has a role"),
    ),
    spec(
        "user delete",
        &[],
        Exactly(1),
        Told(DANGEROUS, "deletes that user: whatever logs in as it is locked out at once"),
    ),
    spec("user get", &[Flag::new("detail", Bool)], Exactly(1), Told(READS, "shows that user's roles")),
    spec("user list", &[], Exactly(0), Told(READS, "lists the users")),
    spec(
        "user passwd",
        &[Flag::new("interactive", Bool)],
        Exactly(1),
        Told(CAREFUL, "changes that user's password: whatever logs in with the old one is locked out"),
    ),
    spec(
        "user grant-role",
        &[],
        Exactly(2),
        Told(CAREFUL, "gives that user what the role may do; root may do everything"),
    ),
    spec(
        "user revoke-role",
        &[],
        Exactly(2),
        Told(CAREFUL, "takes a role from that user, and with it what only that role allowed"),
    ),
    spec("role add", &[], Exactly(1), Told(CAREFUL, "makes a role, which allows nothing yet")),
    spec(
        "role delete",
        &[],
        Exactly(1),
        Told(DANGEROUS, "deletes that role: every user of it loses what it allowed at once"),
    ),
    spec("role get", &[], Exactly(1), Told(READS, "shows what that role allows")),
    spec("role list", &[], Exactly(0), Told(READS, "lists the roles")),
    spec(
        "role grant-permission",
        &[PREFIX, FROM_KEY],
        AtLeast(3),
        Told(CAREFUL, "allows that role to read or write those keys"),
    ),
    spec(
        "role revoke-permission",
        &[PREFIX, FROM_KEY],
        AtLeast(2),
        Told(CAREFUL, "takes a permission from that role: whoever relies on it is locked out of those keys"),
    ),
];
