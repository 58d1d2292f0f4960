//! Contract of every store, as one suite that runs on the store in memory and on a real etcd of each version at hand.
//! The rules are written against [`Reader`](coredeck::store::Reader) and [`Writer`](coredeck::store::Writer); a
//! [`Rig`](rig::Rig) adds the other client that interferes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]
#![allow(dead_code, reason = "each test crate takes what it needs of the support")]

mod answering;
mod carrying_out;
mod committing;
mod health;
mod histories;
mod history;
mod leases;
mod lost_replies;
mod on_etcd;
mod reading;
mod rig;
#[path = "../support/mod.rs"]
mod support;
mod thresholds;
mod undoing;
mod watching;
mod wishing;

/// Runs each rule on both stores.
macro_rules! on_every_store {
    ($($file:ident: $($rule:ident)+;)+) => {
        mod in_memory {
            $($(
                #[tokio::test]
                async fn $rule() {
                    crate::$file::$rule(&crate::rig::in_memory()).await;
                }
            )+)+
        }

        mod on_a_real_etcd {
            $($(
                #[tokio::test]
                async fn $rule() {
                    let (rigs, _turn) = crate::on_etcd::on_every_etcd(crate::on_etcd::As::Anybody).await;
                    for rig in rigs {
                        crate::$file::$rule(&rig).await;
                    }
                }
            )+)+
        }

        mod under_a_role_that_may_do_nothing_but_the_scope {
            $($(
                #[tokio::test]
                async fn $rule() {
                    let (rigs, _turn) = crate::on_etcd::on_every_etcd(crate::on_etcd::As::Dns).await;
                    for rig in rigs {
                        crate::$file::$rule(&rig).await;
                    }
                }
            )+)+
        }
    };
}

on_every_store! {
    answering:
        a_question_is_answered_from_what_is_stored
        a_top_level_name_is_there_when_something_is_at_or_below_it;
    reading:
        a_list_is_in_key_order_and_knows_each_keys_history
        a_limit_shortens_the_list_and_not_the_total
        a_list_of_the_past_is_of_its_revision
        a_range_holds_what_is_below_and_nothing_beside
        keys_and_a_range_are_read_at_one_revision
        keys_are_bytes
        a_revision_that_is_still_to_come_cannot_be_read
        neighbours_are_counted_and_nothing_else
        everybody_is_counted_at_one_revision_and_at_old_ones_until_they_are_compacted
        an_answer_names_the_cluster
        reading_changes_nothing;
    health:
        a_cluster_that_is_well_has_a_leader_and_nothing_wrong
        asking_how_the_cluster_is_changes_nothing;
    watching:
        a_watch_that_is_asked_says_that_it_has_told_everything
        a_watch_tells_every_change_in_the_order_of_revisions
        a_watch_begins_in_the_past
        a_watch_of_a_subtree_hears_nothing_from_beside_it
        one_transaction_is_heard_whole
        a_compacted_revision_can_be_neither_listed_nor_watched;
    history:
        a_history_has_every_version_and_every_deletion
        a_history_of_what_is_gone_is_there_until_it_is_compacted
        a_history_begins_with_what_stood_when_it_was_compacted
        a_history_of_a_name_is_of_its_own_key_and_all_below
        a_history_knows_the_leases_and_their_ends
        a_history_of_what_never_was_is_empty
        the_newest_versions_are_kept_and_the_others_counted
        a_long_history_of_a_key_that_is_gone_is_whole
        a_state_of_the_past_is_read_until_it_is_compacted
        deletions_are_told_in_their_order_behind_the_oldest_revision;
    committing:
        a_creation_never_overwrites
        an_update_of_what_somebody_changed_is_refused
        a_deletion_of_what_somebody_changed_is_refused
        a_key_made_again_with_the_same_value_is_another_key
        a_fence_stops_a_newcomer
        a_fence_stops_a_changed_key_that_no_guard_names
        a_fence_does_not_mind_what_happens_beside_it
        a_transaction_is_all_or_nothing
        an_update_of_a_key_that_never_was_puts_nothing
        a_request_that_is_too_large_puts_nothing
        a_refused_transaction_takes_no_revision;
    leases:
        an_edit_keeps_the_lease
        a_new_key_can_be_put_under_a_lease
        a_move_takes_the_lease_along
        a_lease_that_is_gone_puts_nothing
        the_end_of_a_lease_deletes_its_keys;
    carrying_out:
        a_record_is_added_at_the_next_free_leaf
        the_first_leaf_takes_the_names_own_record_along
        a_leaf_that_exists_is_never_planned_over
        a_key_is_created_and_then_edited
        an_edit_of_what_somebody_changed_becomes_no_plan
        a_record_is_deleted
        a_subtree_is_deleted_with_its_own_record
        a_subtree_of_many_steps_is_deleted
        an_intruder_between_preview_and_confirmation_is_named
        a_newcomer_below_a_subtree_is_named
        an_intruder_in_a_later_step_stops_it_there
        a_write_that_is_sent_twice_on_its_way_is_never_told_as_nothing
        what_is_not_in_the_journal_is_not_sent;
    wishing:
        what_comes_to_a_name_that_moves_stops_the_move
        several_changes_are_made_in_one_transaction
        a_wish_holds_only_for_the_value_that_it_came_from
        an_intruder_at_a_companion_stops_the_whole_change
        more_wishes_than_a_transaction_takes_are_read_and_made
        wished_deletions_count_towards_the_threshold
        many_keys_are_read_in_ranges_as_they_are;
    thresholds:
        updates_and_deletions_count_together_on_every_way_in
        a_hundred_updates_need_no_number_and_one_more_does
        what_is_moved_out_of_a_zone_empties_it;
    undoing:
        every_kind_of_change_is_taken_back
        what_others_wrote_since_is_left_alone
        a_new_lease_is_made_once_for_all_keys_of_the_old
        an_entry_that_was_broken_off_is_taken_back_as_far_as_it_was_made
        an_entry_of_another_cluster_is_refused;
    histories:
        any_history_taken_back_in_the_opposite_order_was_never;
}
