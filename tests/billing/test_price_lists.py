"""Operators edit the price book in the admin, and take and give whole lists."""

import io

import pytest
from django.core.management import call_command

from billing import price_lists
from billing.models import Price
from billing.price_lists import BadList
from teams.models import User

pytestmark = pytest.mark.django_db
HEAD = "provider,model,unit,per,price,currency,valid_from\n"
LIST = "/admin/price-list/"


@pytest.fixture
def operator(client):
    user = User.objects.create_superuser(email="op@example.org", password="x")
    client.force_login(user)
    return client


def acme() -> list[tuple[str, str, int, int, str]]:
    fields = ("model", "unit", "per", "amount_micros", "currency")
    return list(Price.objects.filter(provider="acme").order_by("id").values_list(*fields))


def test_a_list_is_taken():
    taken = price_lists.take(
        f"{HEAD}acme,m,tokens_in,1000000,0.15,eur,2026-05-01\nacme,,images,,free,,"
    )
    assert (taken.new, taken.changed, taken.same) == (2, 0, 0)
    assert acme() == [("m", "tokens_in", 1_000_000, 150_000, "EUR"), ("", "images", 1, 0, "USD")]


def test_a_list_that_was_given_is_taken_again_and_changes_nothing():
    price_lists.take(f"{HEAD}acme,m,tokens_in,1,0.15,USD,2026-05-01")
    taken = price_lists.take(price_lists.written(Price.objects.all()))
    assert (taken.new, taken.changed) == (0, 0)
    assert taken.same == Price.objects.count()


def test_a_line_for_the_same_moment_corrects_the_price():
    price_lists.take(f"{HEAD}acme,m,tokens_in,1,0.15,USD,2026-05-01")
    assert price_lists.take(f"{HEAD}acme,m,tokens_in,1,0.25,USD,2026-05-01").changed == 1
    assert acme() == [("m", "tokens_in", 1, 250_000, "USD")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("acme,m,tokens_in,1,0,USD,", "above zero"),
        ("acme,m,tokens_in,1,-2,USD,", "above zero"),
        ("acme,m,tokens_in,1,cheap,USD,", "price is 'cheap'"),
        ("acme,m,tokens_in,1,0.0000001,USD,", "six decimals"),
        ("acme,m,tokens_in,7,1,USD,", "per:"),
        ("acme,m,furlongs,1,1,USD,", "unit:"),
        ("acme,m,tokens_in,1,1,dollars,", "currency:"),
        ("acme,m,tokens_in,1,1,USD,soon", "valid_from"),
        (",m,tokens_in,1,1,USD,", "line 3"),
    ],
)
def test_a_list_with_a_wrong_line_is_not_taken_at_all(line, told):
    with pytest.raises(BadList, match=told):
        price_lists.take(f"{HEAD}acme,ok,images,1,1,USD,\n{line}")
    assert acme() == []


def test_a_list_with_an_open_quotation_mark_is_refused():
    with pytest.raises(BadList, match="quotation mark"):
        price_lists.take(f'{HEAD}acme,m,images,1,1,USD,"' + "x" * 200_000)


def test_a_list_without_its_columns_is_refused():
    with pytest.raises(BadList, match="lacks price"):
        price_lists.take("provider,unit\nacme,images")


def test_the_command_gives_and_takes(tmp_path):
    file = tmp_path / "prices.csv"
    file.write_text(f"{HEAD}acme,m,images,1,2,USD,\n")
    call_command("prices", "import", str(file), stdout=io.StringIO())
    out = io.StringIO()
    call_command("prices", "export", stdout=out)
    assert "acme,m,images,1,2,USD," in out.getvalue()


def test_an_operator_takes_a_list_in_the_admin(operator):
    answer = operator.post(LIST, {"list": f"{HEAD}acme,m,images,1,2,USD,"}, follow=True)
    assert "1 new" in answer.content.decode()
    assert len(acme()) == 1


def test_a_wrong_list_stays_in_the_form_with_the_line_at_fault(operator):
    answer = operator.post(LIST, {"list": f"{HEAD}acme,m,images,1,none,USD,"})
    page = answer.content.decode()
    assert "line 2" in page
    assert "acme,m,images,1,none" in page


def test_the_whole_book_is_given_as_a_file(operator):
    answer = operator.get(f"{LIST}?as=csv")
    assert answer["content-type"].startswith("text/csv")
    assert "openai,tts-1,characters,1000000,15" in answer.content.decode()


def test_nobody_else_sees_or_changes_the_book(client, ana):
    client.force_login(ana)
    for answer in (client.get(LIST), client.post(LIST, {"list": HEAD})):
        assert answer.status_code in (302, 403)


def moment(price: Price) -> dict[str, str]:
    at = price.valid_from
    return {"valid_from_0": f"{at:%Y-%m-%d}", "valid_from_1": f"{at:%H:%M:%S}"}


def test_a_price_is_entered_in_the_admin(operator):
    form = {"provider": "acme", "unit": "images", "per": 1, "price": "0.05", "currency": "USD"}
    operator.post("/admin/billing/price/add/", form)
    assert acme() == [("", "images", 1, 50_000, "USD")]


def test_a_price_is_changed_in_the_admin(operator):
    price = Price.objects.get(model="tts-1")
    form = {"provider": "openai", "model": "tts-1", "unit": "characters", "per": 1_000_000}
    url = f"/admin/billing/price/{price.pk}/change/"
    operator.post(url, {**form, "price": "16", "currency": "USD"} | moment(price))
    price.refresh_from_db()
    assert price.amount_micros == 16_000_000


@pytest.mark.parametrize("price", ["0", "-1", ""])
def test_a_price_of_nothing_stays_in_the_form_with_a_sentence(operator, price):
    form = {"provider": "acme", "unit": "images", "per": 1, "price": price, "currency": "USD"}
    answer = operator.post("/admin/billing/price/add/", form)
    assert "marked as free" in answer.content.decode()
    assert acme() == []


def test_a_price_that_came_with_the_program_is_not_removed(operator):
    price = Price.objects.filter(is_seeded=True).first()
    operator.post(f"/admin/billing/price/{price.pk}/delete/", {"post": "yes"})
    assert Price.objects.filter(pk=price.pk).exists()
