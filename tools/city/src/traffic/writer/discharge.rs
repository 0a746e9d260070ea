//! The segments about discharge: expected date (PV2), plan (ZDP, ZDT) and letter (TXA, OBX).

use super::Writer;
use crate::traffic::discharge_plan::{DischargePlan, Item};
use crate::traffic::planned_message::PlannedMessage;
use crate::traffic::segment::{Segment, components, hl7_day};

impl Writer<'_> {
    pub(super) fn expected(&self, message: &PlannedMessage) -> String {
        let Some(day) = message.expected else { return String::new() };
        let mut pv2 = Segment::new("PV2").parts(3, &["", self.stay.reason]).put(9, hl7_day(day));
        if !self.sender.2 {
            pv2 = pv2.put(10, self.stay.expected_days.to_string());
        }
        pv2.end()
    }

    pub(super) fn plan(&self, plan: &DischargePlan) -> String {
        let mut zdp =
            Segment::new("ZDP").text(4, plan.status).put(5, self.world.hl7(plan.changed)).text(10, plan.criteria);
        if let Some((meets, criterion)) = plan.reside {
            zdp = zdp.text(1, if meets { "Y" } else { "N" }).text(2, criterion);
        }
        if let Some(since) = plan.since {
            zdp = zdp.put(3, hl7_day(since));
        }
        if let Some(pathway) = plan.pathway {
            zdp = zdp.text(6, pathway).text(7, plan.going_to);
        }
        if let Some((service, day)) = plan.transfer {
            zdp = zdp.text(8, service).put(9, hl7_day(day));
        }
        let items = (1_u32..).zip(&plan.items).map(|(number, one)| item(number, one));
        zdp.end() + &items.collect::<String>()
    }

    pub(super) fn letter(&self, message: &PlannedMessage) -> String {
        let stay = self.stay;
        let who = stay.consultant;
        let author = components(&[who.code, who.family, who.given, "", "", who.title]);
        let lines = [
            "Discharge letter. Invented person; this letter is about nobody.".to_owned(),
            format!("Admitted with: {}.", stay.reason),
            format!("Ward {}, {}.", stay.place.ward.code, stay.place.ward.specialty().name),
            "Please continue the medicines listed.".to_owned(),
        ];
        let txa = Segment::new("TXA")
            .text(1, "1")
            .parts(2, &["DS", "Discharge letter"])
            .text(3, "TX")
            .put(4, self.world.hl7(message.happened))
            .put(6, self.world.hl7(message.sent))
            .put(9, author)
            .text(12, &format!("L{}", stay.visit))
            .text(17, "AU")
            .end();
        let obx = |(number, line): (usize, &String)| {
            let obx = Segment::new("OBX").put(1, number.to_string()).text(2, "TX");
            obx.parts(3, &["DS", "Discharge letter"]).text(5, line).text(11, "F").end()
        };
        txa + &(1..).zip(&lines).map(obx).collect::<String>()
    }
}

fn item(number: u32, item: &Item) -> String {
    Segment::new("ZDT")
        .put(1, number.to_string())
        .text(2, item.key)
        .text(3, if item.waiting { "waiting" } else { "needed" })
        .text(4, item.words)
        .text(5, item.by)
        .put(6, hl7_day(item.since))
        .text(7, if item.done { "done" } else { "open" })
        .end()
}
