//! The number of an objection's receipt. It must never change for a choice.

use uuid::Uuid;

/// The number of a choice's receipt. It is the same for every act on the choice and for the copies that a linked record
/// inherits. It can be read out on the telephone: no letter looks like a digit.
pub fn receipt_number(origin: Uuid) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    // The first receipt of a choice has always had this number.
    let bits = u64::try_from(origin.as_u128() & u128::from(u64::MAX)).unwrap_or(0) ^ 1;
    let letter = |place: u32| {
        let index = usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0);
        LETTERS.get(index).copied().map_or('A', char::from)
    };
    let group = |from: u32| (from..from + 4).map(letter).collect::<String>();
    format!("LCR-{}-{}", group(0), group(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_number_is_read_out_in_two_groups_and_belongs_to_one_choice() {
        let number = receipt_number(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(number, "LCR-AAAA-AAAA");
        assert_ne!(number, receipt_number(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0021)));
        let high = receipt_number(Uuid::from_u128(u128::MAX));
        assert!(high.len() == 13 && !high.contains(['I', 'O', '0', '1']), "{high}");
    }
}
