//! Every role, relationship, obstacle and override policy: what no combination may open.

use super::*;

fn overrides() -> Vec<Relationship> {
    OverrideReason::OFFERED.map(|reason| Relationship::Override { reason }).into()
}

fn every_policy() -> [(OverridePolicy, &'static Policies); 2] {
    [(OverridePolicy::NoOverride, policies()), (OverridePolicy::EmergencyOverride, emergency_policies())]
}

/// The grant of a record with every dataset, if it opens.
fn opened(policies: &Policies, role: Role, facts: &Facts<'_>) -> Option<PersonGrant> {
    decide(policies, &actor(role, PRACTICE), AccessKind::Record, Dataset::ALL, facts).ok()
}

/// Whether `more` shows nothing that `less` does not show.
fn shows_no_more(more: Option<&PersonGrant>, less: Option<&PersonGrant>) -> bool {
    let Some(more) = more else { return true };
    less.is_some_and(|less| {
        more.grants.is_subset(&less.grants) && more.labels.is_subset(&less.labels) && more.hide.is_superset(&less.hide)
    })
}

#[test]
fn an_objection_closes_everything_but_an_override_and_no_obstacle_ever_opens() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let links: Vec<Relationship> = all_relationships().into_iter().chain(overrides()).collect();
    for (override_policy, policies) in every_policy() {
        for role in Role::ALL.iter().copied() {
            for link in &links {
                let plain = Facts { relationships: vec![link.clone()], ..permitted_facts(&systems) };
                let objections = objection(Direction::Whole, None);
                let objected = Facts { objections: objections.clone(), ..plain.clone() };
                let restricted = Facts { restricted: true, ..plain.clone() };
                let unsigned = Facts { agreement_signed: false, ..plain.clone() };
                let both = Facts { restricted: true, objections, ..plain.clone() };
                let grant = opened(policies, role, &plain);
                let place = format!("{override_policy}: {role} by {link}");
                for hindered in [&objected, &restricted, &unsigned, &both] {
                    let less = opened(policies, role, hindered);
                    assert!(shows_no_more(less.as_ref(), grant.as_ref()), "{place}");
                }
                let is_override = matches!(link, Relationship::Override { .. });
                assert!(opened(policies, role, &unsigned).is_none(), "{place}");
                assert!(is_override || opened(policies, role, &objected).is_none(), "{place}");
                if is_override && override_policy == OverridePolicy::NoOverride {
                    assert_eq!(grant, None, "{place}");
                }
            }
        }
    }
}

#[test]
fn nobody_ever_sees_past_a_statutory_bar_or_an_unknown_label() {
    let links: Vec<Relationship> = all_relationships().into_iter().chain(overrides()).collect();
    for (override_policy, policies) in every_policy() {
        for role in Role::ALL.iter().copied() {
            for link in &links {
                let seen = policies.labels(role, link);
                let place = format!("{override_policy}: {role} by {link}");
                assert!(!seen.contains(&Label::Barred) && !seen.contains(&Label::Unknown), "{place}");
                let is_override = matches!(link, Relationship::Override { .. });
                if is_override && override_policy == OverridePolicy::NoOverride {
                    assert!(seen.is_empty(), "{place}");
                }
            }
        }
    }
}

#[test]
fn an_item_with_one_more_label_is_shown_to_nobody_new() {
    let links: Vec<Relationship> = all_relationships().into_iter().chain(overrides()).collect();
    for (_, policies) in every_policy() {
        for role in Role::ALL.iter().copied() {
            for link in &links {
                let seen = policies.labels(role, link);
                let shown = |labels: &[&Label]| labels.iter().all(|label| seen.contains(*label));
                for (one, more) in Label::KNOWN.iter().flat_map(|one| Label::KNOWN.map(|more| (one.clone(), more))) {
                    assert!(!shown(&[&one, &more]) || shown(&[&one]), "{role} by {link}: {one}, {more}");
                }
            }
        }
    }
}

#[test]
fn an_override_shows_only_what_its_reason_needs_and_the_role_sees() {
    for role in Role::ALL.iter().copied() {
        for link in overrides() {
            let Relationship::Override { reason } = &link else { continue };
            assert!(!policies().permits_override(role, reason), "{role}: nobody overrides by default");
            let seen: Vec<Dataset> = Dataset::ALL
                .iter()
                .copied()
                .filter(|dataset| emergency_policies().dataset_limits(role, *dataset, &link).is_some())
                .collect();
            assert_eq!(!seen.is_empty(), emergency_policies().permits_override(role, reason), "{role}, {reason}");
            let own = |dataset: &Dataset| {
                all_relationships().iter().any(|one| policies().dataset_limits(role, *dataset, one).is_some())
            };
            assert!(seen.iter().all(own), "{role}, {reason}: {seen:?}");
            for never in [Dataset::SocialCare, Dataset::Documents, Dataset::Referrals] {
                assert!(!seen.contains(&never), "{role}, {reason}: {never}");
            }
            let labels = emergency_policies().labels(role, &link);
            let expected: &[Label] = match reason {
                OverrideReason::LifeThreatening if !seen.is_empty() => &[Label::Restricted, Label::MentalHealth],
                _ => &[],
            };
            assert!(labels.iter().eq(expected), "{role}, {reason}: {labels:?}");
        }
    }
}

#[test]
fn a_normal_link_opens_before_an_override() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let relationships = vec![overrides().remove(0), registered()];
    let facts = Facts { relationships, ..permitted_facts(&systems) };
    let grant = opened(emergency_policies(), Role::Gp, &facts).unwrap();
    assert_eq!(grant.relationship, Some(registered()));
}

#[test]
fn an_override_that_shows_more_than_the_link_opens_the_record_beside_it() {
    let mut other = system("other", false, false, DatasetSwitch::On);
    other.organisation = OdsCode::new("Z9H02");
    let systems = [system("h", false, false, DatasetSwitch::On), other];
    let emergency = |relationships| Facts { relationships, ..permitted_facts(&systems) };
    let by = |role, facts: &Facts<'_>| opened(emergency_policies(), role, facts).unwrap();
    let [treat, _, protect] = OverrideReason::OFFERED.map(|reason| Relationship::Override { reason });
    // A label: the emergency department sees none of mental health by the stay.
    let stay = by(Role::EdClinician, &emergency(vec![in_hospital()]));
    let both = by(Role::EdClinician, &emergency(vec![in_hospital(), treat.clone()]));
    assert_eq!(both.relationship, Some(treat.clone()));
    let sees = |grant: &PersonGrant, dataset| grant.opens_label(dataset, &Label::MentalHealth);
    assert!(!sees(&stay, Dataset::Medications) && sees(&both, Dataset::Medications));
    assert!(!sees(&both, Dataset::Documents), "a label of the override opens no document of the stay");
    assert!(both.grants.iter().any(|(_, dataset)| *dataset == Dataset::Documents), "which the stay still shows");
    // A source: the registered practice sees it again despite the objection.
    let objections = objection(Direction::OutOf, Some("Z9H02"));
    let objected = Facts { objections, ..emergency(vec![registered(), treat.clone()]) };
    let grant = by(Role::Gp, &objected);
    assert_eq!(grant.relationship, Some(treat.clone()));
    assert!(grant.grants.iter().any(|(source, _)| source.as_str() == "other"));
    assert!(!grant.withheld.iter().any(|(source, dataset, _)| grant.allows(source, *dataset)), "shown or withheld");
    // The newest of several is the reason, and the earlier one stays in force.
    let first = by(Role::Paramedic, &emergency(vec![treat.clone()]));
    let grant = by(Role::Paramedic, &emergency(vec![treat, protect.clone()]));
    assert_eq!(grant.relationship, Some(protect));
    assert!(first.grants.is_subset(&grant.grants));
}

#[test]
fn an_override_never_shows_less_than_the_reader_saw_without_it() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    for role in Role::ALL.iter().copied() {
        for (link, emergency) in
            all_relationships().iter().flat_map(|link| overrides().into_iter().map(move |one| (link, one)))
        {
            let by = |relationships| {
                opened(emergency_policies(), role, &Facts { relationships, ..permitted_facts(&systems) })
            };
            let (Some(without), Some(with)) = (by(vec![link.clone()]), by(vec![link.clone(), emergency.clone()]))
            else {
                continue;
            };
            assert!(!shows_more(&without, &with), "{role}: {link} and {emergency}");
            let limits = |grant: &PersonGrant, dataset: Dataset| {
                grant.clearances.iter().filter(|limit| limit.limits(dataset)).cloned().collect::<BTreeSet<_>>()
            };
            for (_, dataset) in &without.grants {
                let (more, less) = (limits(&with, *dataset), limits(&without, *dataset));
                assert!(more.is_subset(&less), "{role}: {dataset} by {link} and {emergency}");
            }
        }
    }
}
