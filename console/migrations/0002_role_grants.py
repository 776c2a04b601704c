import django.db.models.deletion
import kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    # Apart from the first one: units belong to the inventory, whose systems belong to people.
    dependencies = [
        ('console', '0001_initial'),
        ('inventory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('administrator', 'Administrator'), ('officer', 'Governance officer'), ('engineer', 'Platform engineer'), ('auditor', 'Auditor')], max_length=16, verbose_name='role')),
                ('read_content', models.BooleanField(default=False, help_text='Prompts and answers themselves. Each reading is on record.', verbose_name='may read content')),
                ('granted_at', models.DateTimeField(auto_now_add=True)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.unit', verbose_name='unit')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'role',
                'verbose_name_plural': 'roles',
                'constraints': [models.UniqueConstraint(fields=('user', 'role', 'unit'), name='console_grant_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('role__in', ['administrator', 'officer', 'engineer', 'auditor'])), name='console_grant_role_known')],
            },
        ),
    ]
