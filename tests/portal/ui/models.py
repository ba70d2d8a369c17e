"""A table of the tests' own: what the kit shows must not depend on any room."""

from django.db import models


class Thing(models.Model):
    name = models.CharField(max_length=40)
    seats = models.IntegerField(null=True)
    seen_at = models.DateTimeField(null=True)
    kind = models.CharField(max_length=10, default="a")

    class Meta:
        app_label = "ui"
        managed = False

    def __str__(self) -> str:
        return self.name
