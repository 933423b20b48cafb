"""For tests: a studio that the stand-in for YouTube knows, and a person's way through its pages."""

from urllib.parse import urlsplit

from channels_app.models import Channel
from tests.doubles.youtube.client import StandIn


def lead_to(youtube: StandIn, settings) -> None:
    """This process asks the stand-in from now on."""
    for name, value in youtube.environment().items():
        setattr(settings, name, value)
    settings.YOUTUBE_PICTURES = [youtube.address]


class Way:
    """Of one signed-in browser, for one channel."""

    def __init__(self, youtube: StandIn, client, channel: Channel) -> None:
        self.youtube, self.client, self.at = youtube, client, f"/channels/{channel.pk}/"

    def to_google(self) -> str:
        answer = self.client.post(f"{self.at}youtube/connect/")
        assert answer.status_code == 302, answer
        return answer["Location"]

    def there(self, title: str = "Northlight", scopes=None) -> str:
        """Allowed at Google: the address that it leads back to."""
        who = self.youtube.channels().get(title, title)
        came = urlsplit(self.youtube.consent(self.to_google(), who, scopes))
        return f"{came.path}?{came.query}"

    def back(self, title: str = "Northlight", scopes=None) -> str:
        """Where the studio leads on to, once somebody is back."""
        return self.client.get(self.there(title, scopes))["Location"]

    def confirm(self, answer: str = "connect"):
        return self.client.post(f"{self.at}youtube/confirm/", {"answer": answer}, follow=True)

    def connect(self, title: str = "Northlight", scopes=None):
        """All of it; the page that it ends on."""
        assert self.back(title, scopes) == f"{self.at}youtube/confirm/"
        return self.confirm()
