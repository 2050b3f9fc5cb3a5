from unspoken.kit.ids import new_id


def test_ids_sort_in_the_order_in_which_they_were_made() -> None:
    made = [new_id("msg") for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000


def test_an_id_names_what_it_is_and_cannot_be_guessed_from_the_one_before() -> None:
    first, second = new_id("msg"), new_id("msg")
    assert first.startswith("msg_") and len(first) == len("msg_") + 26
    assert first[-10:] != second[-10:]
