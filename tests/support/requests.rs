//! Requests of etcd as far as a promise depends on them (etcd's rpc.proto; the numbers are its tags), with the
//! promises that each breaks.
use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub struct RangeRequest {
    #[prost(bytes, tag = "1")]
    pub key: Vec<u8>,
    #[prost(bytes, tag = "2")]
    pub range_end: Vec<u8>,
    #[prost(bool, tag = "9")]
    pub count_only: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct PutRequest {
    #[prost(bytes, tag = "1")]
    pub key: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub struct DeleteRangeRequest {
    #[prost(bytes, tag = "1")]
    pub key: Vec<u8>,
    #[prost(bytes, tag = "2")]
    pub range_end: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Compare {
    #[prost(bytes, tag = "3")]
    pub key: Vec<u8>,
    #[prost(bytes, tag = "64")]
    pub range_end: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub struct TxnRequest {
    #[prost(message, repeated, tag = "1")]
    pub compare: Vec<Compare>,
    #[prost(message, repeated, tag = "2")]
    pub success: Vec<RequestOp>,
    #[prost(message, repeated, tag = "3")]
    pub failure: Vec<RequestOp>,
}

#[derive(Clone, PartialEq, Message)]
pub struct RequestOp {
    #[prost(oneof = "Op", tags = "1, 2, 3, 4")]
    pub request: Option<Op>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Op {
    #[prost(message, tag = "1")]
    Range(RangeRequest),
    #[prost(message, tag = "2")]
    Put(PutRequest),
    #[prost(message, tag = "3")]
    DeleteRange(DeleteRangeRequest),
    #[prost(message, tag = "4")]
    Txn(TxnRequest),
}

#[derive(Clone, PartialEq, Message)]
pub struct WatchRequest {
    /// The creation of a watch; the other kinds, cancelling and progress, name no key.
    #[prost(message, optional, tag = "1")]
    pub create: Option<WatchCreateRequest>,
}

#[derive(Clone, PartialEq, Message)]
pub struct WatchCreateRequest {
    #[prost(bytes, tag = "1")]
    pub key: Vec<u8>,
    #[prost(bytes, tag = "2")]
    pub range_end: Vec<u8>,
    /// 0 leaves writes out, 1 deletions.
    #[prost(int32, repeated, tag = "5")]
    pub filters: Vec<i32>,
    /// Asks for the value before each change.
    #[prost(bool, tag = "6")]
    pub prev_kv: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct AlarmRequest {
    /// 0 asks; the others raise and disarm.
    #[prost(int32, tag = "1")]
    pub action: i32,
}

#[derive(Clone, PartialEq, Message)]
pub struct LeaseGrantRequest {
    /// Seconds.
    #[prost(int64, tag = "1")]
    pub ttl: i64,
    #[prost(int64, tag = "2")]
    pub id: i64,
}

/// Calls that the program may make although they name no key: none of these changes anything.
///
/// A rescue, which reads beyond the scope, and a snapshot are not here, although the program can make them. They are
/// made only on purpose; `tests/saving/` checks their requests, and runs them on an etcd without this recorder.
const HARMLESS: &[&str] = &[
    "/etcdserverpb.Auth/Authenticate",
    "/etcdserverpb.Auth/RoleGet",
    "/etcdserverpb.Auth/UserGet",
    "/etcdserverpb.Cluster/MemberList",
    "/etcdserverpb.Lease/LeaseTimeToLive",
    "/etcdserverpb.Maintenance/Status",
];

/// Returns the promises that a request breaks.
pub fn violations(method: &str, message: &[u8], scope: &[u8]) -> Vec<String> {
    let mut found = Violations { scope, found: vec![] };
    let decoded = match method {
        "/etcdserverpb.KV/Range" => RangeRequest::decode(message).map(|range| found.range(&range)),
        "/etcdserverpb.KV/Put" => PutRequest::decode(message).map(|put| found.put(&put)),
        "/etcdserverpb.KV/DeleteRange" => DeleteRangeRequest::decode(message).map(|del| found.delete(&del)),
        "/etcdserverpb.KV/Txn" => TxnRequest::decode(message).map(|txn| found.txn(&txn)),
        "/etcdserverpb.Watch/Watch" => WatchRequest::decode(message).map(|watch| {
            if let Some(create) = watch.create {
                found.watch(&create);
            }
        }),
        "/etcdserverpb.Maintenance/Alarm" => AlarmRequest::decode(message).map(|alarm| {
            if alarm.action != 0 {
                found.add("it changes an alarm".to_owned());
            }
        }),
        "/etcdserverpb.Lease/LeaseGrant" => LeaseGrantRequest::decode(message).map(|grant| {
            // The id is chosen with the plan, and in the journal before the lease is made; etcd chooses one for 0.
            if grant.id <= 0 || grant.ttl <= 0 {
                found.add(format!(
                    "it makes lease {:x} for {} s, which no plan has named",
                    grant.id, grant.ttl
                ));
            }
        }),
        harmless if HARMLESS.contains(&harmless) => Ok(()),
        _ => {
            found.add("the program has no business to call this".to_owned());
            Ok(())
        }
    };
    if let Err(error) = decoded {
        found.add(format!("it cannot be decoded: {error}"));
    }
    found.found
}

struct Violations<'a> {
    scope: &'a [u8],
    found: Vec<String>,
}

impl Violations<'_> {
    fn add(&mut self, what: String) {
        self.found.push(what);
    }

    fn inside(&self, key: &[u8]) -> bool {
        key.starts_with(self.scope) && key.len() > self.scope.len()
    }

    /// Tells whether a range is inside: it may reach at most to the scope's own end, which has `0` for the last
    /// slash.
    fn range_inside(&self, key: &[u8], end: &[u8]) -> bool {
        if end.is_empty() {
            return self.inside(key);
        }
        let mut last = self.scope.to_vec();
        *last.last_mut().unwrap() += 1;
        key.starts_with(self.scope) && key <= end && end <= &*last
    }

    fn range(&mut self, range: &RangeRequest) {
        if !range.count_only && !self.range_inside(&range.key, &range.range_end) {
            self.add(format!("it reads {}", shown(&range.key, &range.range_end)));
        }
    }

    fn watch(&mut self, watch: &WatchCreateRequest) {
        if self.range_inside(&watch.key, &watch.range_end) {
            return;
        }
        let range = shown(&watch.key, &watch.range_end);
        // A deletion is a key without a value.
        if watch.filters.contains(&0) && !watch.prev_kv {
            self.add(format!("it reads the deletions of {range}"));
        } else {
            self.add(format!("it reads {range}"));
        }
    }

    fn put(&mut self, put: &PutRequest) {
        if !self.inside(&put.key) {
            self.add(format!("it puts {}", shown(&put.key, b"")));
        }
    }

    fn delete(&mut self, delete: &DeleteRangeRequest) {
        if !delete.range_end.is_empty() {
            self.add(format!("it deletes a range: {}", shown(&delete.key, &delete.range_end)));
        }
        if !self.inside(&delete.key) {
            self.add(format!("it deletes {}", shown(&delete.key, b"")));
        }
    }

    fn txn(&mut self, txn: &TxnRequest) {
        for compare in &txn.compare {
            if !self.range_inside(&compare.key, &compare.range_end) {
                self.add(format!("it compares {}", shown(&compare.key, &compare.range_end)));
            }
        }
        for operation in txn.success.iter().chain(&txn.failure) {
            match &operation.request {
                Some(Op::Range(range)) => self.range(range),
                Some(Op::Put(put)) => self.put(put),
                Some(Op::DeleteRange(delete)) => self.delete(delete),
                Some(Op::Txn(nested)) => {
                    self.add("it nests a transaction".to_owned());
                    self.txn(nested);
                }
                None => self.add("it holds an operation of an unknown kind".to_owned()),
            }
        }
    }
}

fn shown(key: &[u8], end: &[u8]) -> String {
    if end.is_empty() {
        key.escape_ascii().to_string()
    } else {
        format!("[{}, {})", key.escape_ascii(), end.escape_ascii())
    }
}
